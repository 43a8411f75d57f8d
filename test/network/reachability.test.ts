import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "#src/network/address.ts";
import { labelSet } from "#src/network/labels.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { allows, bothOf, externalTarget, isolatedBy, isolationChange } from "#src/network/reachability.ts";
import type { Target, TargetPort } from "#src/network/reachability.ts";
import type { Selector } from "#src/network/selector.ts";
import type { NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { labels, podSelector } from "./arbitraries.ts";
import { egress, groupsOf, namespaceLabels, policy, shop, workload } from "./cluster.ts";

function pod(
  namespace: string,
  labels: Record<string, string> | undefined,
  address: string,
  hostNetwork = false,
): Target {
  const parsed = parseAddress(address);
  return {
    pod: {
      namespace: { name: namespace, labels: namespaceLabels(namespace, { team: namespace }) },
      labels: labels && labelSet(labels),
      hostNetwork,
    },
    addresses: parsed === undefined ? [] : [parsed],
  };
}

const port = (number: number, named?: TargetPort["named"]): TargetPort => ({
  protocol: "TCP",
  port: number,
  named,
});
const web = labelSet({ app: "web" });
const db = pod("shop", { app: "db" }, "10.244.1.5");
const toDb: NetworkPolicyPeer = { podSelector: { matchLabels: { app: "db" } } };
const may = (policies: readonly CompiledPolicy[], target = db, at = port(5432)) =>
  allows(shop(...policies), "egress", web, target, at);

describe("whether the union of one side allows a connection", () => {
  it("does where nothing isolates", () => {
    expect(may([])).toBe(true);
    expect(may([egress("api", "api")])).toBe(true);
    expect(may([policy("in", { podSelector: {}, policyTypes: ["Ingress"] })])).toBe(true);
  });

  it("does where any entry of any policy that selects the pod opens it", () => {
    const deny = egress("deny", undefined);
    expect(may([deny])).toBe(false);
    expect(may([deny, egress("web", "web", { to: [toDb], ports: [{ port: 5432 }] })])).toBe(true);
    expect(may([deny, egress("web", "web", { to: [toDb], ports: [{ port: 80 }] })])).toBe(false);
    expect(may([deny, egress("api", "api", { to: [toDb] })])).toBe(false);
    expect(may([deny, egress("web", "web", {})])).toBe(true);
  });

  it("a podSelector alone means the own namespace, a namespaceSelector all pods of others too", () => {
    const other = pod("billing", { app: "db" }, "10.244.1.6");
    expect(may([egress("web", "web", { to: [toDb] })], other)).toBe(false);
    expect(may([egress("web", "web", { to: [{ namespaceSelector: {}, ...toDb }] })], other)).toBe(true);
    const team = { namespaceSelector: { matchLabels: { team: "billing" } } };
    expect(may([egress("web", "web", { to: [team] })], other)).toBe(true);
    expect(may([egress("web", "web", { to: [team] })])).toBe(false);
  });

  it("selectors do not match pods of the node's network, ranges do", () => {
    const node = pod("shop", { app: "db" }, "192.0.2.1", true);
    expect(may([egress("web", "web", { to: [toDb] })], node)).toBe(false);
    expect(may([egress("web", "web", { to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] })], node)).toBe(true);
  });

  it("an address outside is matched by ranges alone", () => {
    const outside = externalTarget("203.0.113.7");
    if (outside === undefined) throw new Error("no address");
    const range = { ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.8/32"] } };
    expect(may([egress("web", "web", { to: [range] })], outside)).toBe(true);
    expect(may([egress("web", "web", { to: [{ namespaceSelector: {} }] })], outside)).toBe(false);
    expect(externalTarget("nowhere")).toBeUndefined();
  });

  it("is unknown where what is not known decides", () => {
    const unknown = pod("shop", undefined, "10.244.1.9");
    expect(may([egress("web", "web", { to: [toDb] })], unknown)).toBeUndefined();
    expect(may([egress("web", "web", { to: [{ podSelector: {} }] })], unknown)).toBeUndefined();
    expect(may([egress("web", "web", { to: [toDb], ports: [{ port: "pg" }] })])).toBeUndefined();
    const named = [{ name: "pg", protocol: "TCP", port: 5432 }];
    expect(may([egress("web", "web", { to: [toDb], ports: [{ port: "pg" }] })], db, port(5432, named))).toBe(
      true,
    );
    expect(bothOf(undefined, false)).toBe(false);
    expect(bothOf(true, undefined)).toBeUndefined();
  });
});

describe("who is isolated", () => {
  it("is told with the policies that do it, per direction", () => {
    const leaving = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    const set = shop(
      egress("all", undefined),
      egress("web", "web"),
      policy("in", { podSelector: {} }),
      policy("leaving", { podSelector: {}, policyTypes: ["Egress"] }, leaving),
    );
    const by = (direction: "ingress" | "egress", app: string) =>
      isolatedBy(set, direction, labelSet({ app })).map(({ name }) => name);
    expect(by("egress", "web")).toEqual(["all", "web"]);
    expect(by("egress", "db")).toEqual(["all"]);
    expect(by("ingress", "web")).toEqual(["in"]);
    expect(isolatedBy(shop(egress("web", "web")), "egress", labelSet({ app: "db" }))).toEqual([]);
  });
});

describe("what a change does to isolation", () => {
  it("names the groups that are closed and opened", () => {
    const groups = groupsOf(
      workload("web-1", { app: "web" }),
      workload("api-1", { app: "api" }),
      workload("node-1", { app: "web" }, { hostNetwork: true }),
      workload("gone-1", { app: "web" }, { finished: true }),
      workload("going-1", { app: "web" }, { terminating: true }),
    );
    const before = shop(egress("web", "web"));
    const after = shop(egress("api", "api"));
    const names = (list: typeof groups) => list.flatMap(({ examples }) => examples);
    const change = isolationChange(before, after, "egress", groups);
    expect([names(change.closed), names(change.opened)]).toEqual([["api-1"], ["web-1"]]);
    expect(isolationChange(before, after, "ingress", groups)).toEqual({ closed: [], opened: [] });
    expect(isolationChange(before, shop(egress("all", undefined)), "egress", groups).opened).toEqual([]);
  });

  const sets = fc.array(fc.tuple(podSelector, fc.boolean()), { maxLength: 5 });
  test.prop([sets, sets, fc.uniqueArray(fc.nat(4), { maxLength: 3 }), fc.array(labels, { maxLength: 6 })])(
    "is what each group's isolation before and after comes to",
    (old, fresh, kept, labelSets) => {
      const made = (name: string) => (item: readonly [Selector, boolean], index: number) => {
        const [subject, terminating] = item;
        return { ...egress(`${name}${index}`, undefined), subject, terminating };
      };
      const before = old.map(made("old"));
      // Policies that stay are the very same in both sets.
      const stay = before.filter((_, index) => kept.includes(index));
      const [was, is] = [shop(...before), shop(...stay, ...fresh.map(made("new")))];
      const groups = groupsOf(
        ...labelSets.map((own, index) => ({ ...workload(`pod-${index}`, {}), labels: own })),
      );
      const change = isolationChange(was, is, "egress", groups);
      const isolated = (set: typeof was, own: (typeof groups)[number]) =>
        isolatedBy(set, "egress", own.labels).length > 0;
      expect(change.closed).toEqual(groups.filter((own) => !isolated(was, own) && isolated(is, own)));
      expect(change.opened).toEqual(groups.filter((own) => isolated(was, own) && !isolated(is, own)));
    },
  );
});
