import { fc, test } from "@fast-check/vitest";
import { describe, expect, it, vi } from "vitest";
import type { UnmodelledKind } from "#src/network/dialects/unmodelled.ts";
import type { KindHandler } from "#src/view/kind.ts";
import { UnmodelledIndex } from "#src/view/unmodelled-index.ts";
import { knownView, namespace } from "./support.ts";

const cilium: UnmodelledKind = { group: "cilium.io", kind: "CiliumNetworkPolicy" };
const clusterWide: UnmodelledKind = { group: "policy.networking.k8s.io", kind: "ClusterNetworkPolicy" };
const calico: UnmodelledKind = { group: "projectcalico.org", kind: "NetworkPolicy" };

const inShop = { name: "CiliumNetworkPolicy (cilium.io)", where: "namespace" };
const everywhere = { name: "ClusterNetworkPolicy (policy.networking.k8s.io)", where: "cluster" };

function watched() {
  const changed = vi.fn<(namespace: string) => void>();
  const changedEverywhere = vi.fn<() => void>();
  const index = new UnmodelledIndex({ changed, changedEverywhere });
  return { index, changed, changedEverywhere };
}

const object = (name: string, inNamespace?: string) => ({
  metadata: { name, ...(inNamespace !== undefined && { namespace: inNamespace }) },
});

function list(handler: KindHandler, ...objects: ReturnType<typeof object>[]): KindHandler {
  handler.replaceBegin();
  for (const each of objects) handler.upsert(each);
  handler.replaceDone();
  return handler;
}

describe("policies of kinds that are not modelled", () => {
  it("concern the namespace they stand in and no other, and nobody once they are gone", () => {
    const { index, changed } = watched();
    const handler = list(index.follow(cilium, "namespace"));
    expect(index.in("shop")).toEqual([]);
    handler.upsert(object("web", "shop"));
    handler.upsert(object("db", "shop"));
    expect(index.in("shop")).toEqual([inShop]);
    expect(index.in("other")).toEqual([]);
    handler.remove(object("web", "shop"));
    expect(index.in("shop")).toEqual([inShop]);
    handler.remove(object("db", "shop"));
    expect(index.in("shop")).toEqual([]);
    expect(new Set(changed.mock.calls.flat())).toEqual(new Set(["shop"]));
  });

  it("of cluster-wide kinds concern all namespaces, beside those that a namespace has", () => {
    const { index, changedEverywhere } = watched();
    const own = list(index.follow(cilium, "namespace"), object("web", "shop"));
    const handler = list(index.follow(clusterWide, "cluster"));
    changedEverywhere.mockClear();
    handler.upsert(object("tenants"));
    expect(changedEverywhere).toHaveBeenCalledOnce();
    expect(index.in("shop")).toEqual([inShop, everywhere]);
    expect(index.in("other")).toEqual([everywhere]);
    own.remove(object("web", "shop"));
    expect(index.in("shop")).toEqual([everywhere]);
    handler.remove(object("tenants"));
    expect(index.in("other")).toEqual([]);
  });

  it("may stand anywhere until they have been listed, and again while they may not be read", () => {
    const { index } = watched();
    const handler = index.follow(cilium, "namespace");
    const unknown = { name: inShop.name, where: "unreadable" };
    expect(index.in("shop")).toEqual([unknown]);
    list(handler, object("web", "shop"));
    expect(index.in("other")).toEqual([]);
    handler.unreadable();
    expect(index.in("shop")).toEqual([unknown]);
    expect(index.in("other")).toEqual([unknown]);
    expect([...index.counts()]).toEqual([["CiliumNetworkPolicy.cilium.io", undefined]]);
    list(handler, object("web", "other"));
    expect(index.in("shop")).toEqual([]);
    expect(index.in("other")).toEqual([inShop]);
    expect([...index.counts()]).toEqual([["CiliumNetworkPolicy.cilium.io", 1]]);
  });

  it("are gone with their kind", () => {
    const { index, changedEverywhere } = watched();
    list(index.follow(cilium, "namespace"), object("web", "shop"));
    changedEverywhere.mockClear();
    index.forget(cilium);
    expect(index.in("shop")).toEqual([]);
    expect([...index.counts()]).toEqual([]);
    expect(changedEverywhere).toHaveBeenCalledOnce();
    index.forget(cilium);
    expect(changedEverywhere).toHaveBeenCalledOnce();
  });

  it("of a kind that begins anew are asked for again, and what is left of the old reflector does no harm", () => {
    const { index } = watched();
    const old = list(index.follow(clusterWide, "cluster"), object("tenants"));
    list(index.follow(clusterWide, "cluster"));
    old.upsert(object("late"));
    expect(index.in("shop")).toEqual([]);
  });

  it("may stand in a group that cannot tell what it holds", () => {
    const { index, changedEverywhere } = watched();
    index.setUnreadable(["projectcalico.org"]);
    expect(index.in("shop")).toEqual([{ name: "policies of projectcalico.org", where: "unreadable" }]);
    changedEverywhere.mockClear();
    index.setUnreadable(["projectcalico.org"]);
    expect(changedEverywhere).not.toHaveBeenCalled();
    index.setUnreadable([]);
    expect(index.in("shop")).toEqual([]);
  });

  it("are not what Calico's API server shows of Kubernetes' own policies", () => {
    const { index } = watched();
    const handler = list(index.follow(calico, "namespace"), object("knp.default.web", "shop"));
    expect(index.in("shop")).toEqual([]);
    handler.upsert(object("default.web", "shop"));
    expect(index.in("shop")).toEqual([{ name: "NetworkPolicy (projectcalico.org)", where: "namespace" }]);
  });
});

/** What may happen to one of two kinds, and to the object of that name in that namespace. */
const step = fc.record({
  kind: fc.constantFrom(cilium, clusterWide),
  event: fc.constantFrom("follow", "forget", "upsert", "remove", "list", "unreadable"),
  namespace: fc.constantFrom("shop", "other"),
  name: fc.constantFrom("a", "b"),
});

test.prop([fc.array(step, { maxLength: 40 })])(
  "after any course of events the answer is that of looking at everything anew",
  (steps) => {
    const { index } = watched();
    const handlers = new Map<string, KindHandler>();
    const objects = new Map<string, Set<string>>();
    const known = new Set<string>();
    for (const { kind, event, ...at } of steps) {
      const where = kind === cilium ? "namespace" : "cluster";
      const one = object(at.name, where === "namespace" ? at.namespace : undefined);
      const key = `${where === "namespace" ? at.namespace : ""}/${at.name}`;
      if (event === "follow") {
        handlers.set(kind.kind, index.follow(kind, where));
        objects.set(kind.kind, new Set());
        known.delete(kind.kind);
        continue;
      }
      const handler = handlers.get(kind.kind);
      const held = objects.get(kind.kind);
      if (handler === undefined || held === undefined) continue;
      if (event === "forget") {
        index.forget(kind);
        handlers.delete(kind.kind);
      } else if (event === "list") {
        list(handler, one);
        objects.set(kind.kind, new Set([key]));
        known.add(kind.kind);
      } else if (event === "unreadable") {
        handler.unreadable();
        known.delete(kind.kind);
      } else {
        handler[event](one);
        if (event === "upsert") held.add(key);
        else held.delete(key);
      }
    }
    const expected = (namespace: string): unknown[] =>
      [cilium, clusterWide].flatMap(({ kind, group }) => {
        if (!handlers.has(kind)) return [];
        const name = `${kind} (${group})`;
        if (!known.has(kind)) return [{ name, where: "unreadable" }];
        const held = [...(objects.get(kind) ?? [])];
        if (kind === clusterWide.kind) return held.length > 0 ? [{ name, where: "cluster" }] : [];
        return held.some((key) => key.startsWith(`${namespace}/`)) ? [{ name, where: "namespace" }] : [];
      });
    const sorted = (answers: readonly unknown[]): string[] =>
      answers.map((each) => JSON.stringify(each)).sort();
    for (const namespace of ["shop", "other", "third"]) {
      expect(sorted(index.in(namespace))).toEqual(sorted(expected(namespace)));
    }
  },
);

describe("the live view", () => {
  it("hands the answer on and wakes those who wait for the namespace", async () => {
    const view = knownView({ namespaces: [namespace("shop")] });
    const handler = list(view.unmodelled.follow(cilium, "namespace"));
    expect(view.unmodelledPolicies("shop")).toEqual([]);
    const never = new AbortController();
    const changed = view.changed("shop", never.signal);
    handler.upsert(object("web", "shop"));
    await changed;
    expect(view.unmodelledPolicies("shop")).toEqual([inShop]);
  });

  it("asked twice gives the very same answer: nothing is made for a request", () => {
    const view = knownView({ namespaces: [namespace("shop")] });
    list(view.unmodelled.follow(cilium, "namespace"), object("web", "shop"));
    expect(view.unmodelledPolicies("shop")).toBe(view.unmodelledPolicies("shop"));
    expect(view.unmodelledPolicies("other")).toBe(view.unmodelledPolicies("another"));
  });
});
