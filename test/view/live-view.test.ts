import { describe, expect, test } from "vitest";
import { followedKinds } from "#src/view/followed-kinds.ts";
import { createLiveView } from "#src/view/live-view.ts";
import { Interner } from "#src/network/interner.ts";
import {
  apiServer,
  deliver,
  knownView,
  namespace,
  pod,
  policy,
  service,
  workload,
  kubeDns,
} from "./support.ts";

const never = new AbortController().signal;

/** Whether `changed` resolves because of what `act` does, and not before. */
async function wakes(view: ReturnType<typeof knownView>, of: string, act: () => void): Promise<boolean> {
  let woken = false;
  void view.changed(of, never).then(() => (woken = true));
  await Promise.resolve();
  expect(woken).toBe(false);
  act();
  await new Promise((resolve) => setImmediate(resolve));
  return woken;
}

describe("what is not known is undefined", () => {
  test("every part, until its kinds are listed", () => {
    const view = createLiveView({ interner: new Interner() });
    const state = (): (boolean | undefined)[] => [
      view.namespaces !== undefined,
      view.policies("shop") !== undefined,
      view.workloads("shop") !== undefined,
      view.services("shop") !== undefined,
      view.dns.known,
    ];
    expect(state()).toEqual([false, false, false, false, false]);
    deliver(view, { namespaces: [namespace("shop")] });
    expect(state()).toEqual([true, false, false, false, false]);
    deliver(view, { networkpolicies: [] });
    expect(state()).toEqual([true, true, false, false, false]);
    const workloads = [
      "pods",
      "deployments",
      "statefulsets",
      "daemonsets",
      "replicasets",
      "jobs",
      "cronjobs",
    ] as const;
    for (const kind of workloads) {
      expect(view.workloads("shop")).toBeUndefined();
      deliver(view, { [kind]: [] });
    }
    expect(state()).toEqual([true, true, true, false, false]);
    deliver(view, { services: [] });
    expect(state()).toEqual([true, true, true, true, false]);
  });

  test("a list that is not complete yet", () => {
    const view = createLiveView({ interner: new Interner() });
    view.handlers.networkpolicies.replaceBegin();
    view.handlers.networkpolicies.upsert(policy("shop", "deny"));
    expect(view.policies("shop")).toBeUndefined();
  });

  test.each(followedKinds)("a part whose kind %s may no longer be read", (kind) => {
    const namespaces = [namespace("shop"), namespace("kube-system")];
    const view = knownView({ namespaces, ...kubeDns(), ...apiServer() });
    const known = (): boolean =>
      [
        view.namespaces,
        view.policies("shop"),
        view.workloads("shop"),
        view.services("shop"),
        view.routes("shop"),
        view.backends("shop"),
        view.apiServer,
      ].every((part) => part !== undefined) && view.dns.known;
    expect(known()).toBe(true);
    view.handlers[kind].unreadable();
    const { evidence } = view.dns;
    expect(known() && evidence === view.dns.evidence).toBe(false);
    deliver(view, { [kind]: [] });
  });

  test("the policies, workloads and Services of a namespace that has not arrived", () => {
    const view = knownView({ networkpolicies: [policy("shop", "deny")] });
    expect(view.services("shop")).toBeUndefined();
    expect(view.policies("shop")).toBeUndefined();
    expect(view.workloads("shop")).toBeUndefined();
    view.handlers.namespaces.upsert(namespace("shop"));
    expect(view.policies("shop")?.get("deny")).toBeDefined();
    expect(view.workloads("shop")).toEqual([]);
    expect(view.services("shop")?.size).toBe(0);
  });

  test("but where namespaces may not be read, policies are known without them", () => {
    const view = createLiveView({ interner: new Interner() });
    deliver(view, { networkpolicies: [policy("shop", "deny")] });
    expect(view.policies("shop")?.policies).toHaveLength(1);
  });
});

describe("policies", () => {
  test("a set is the same until one of its policies changes, and has another generation then", () => {
    const view = knownView({
      namespaces: [namespace("shop"), namespace("bank")],
      networkpolicies: [policy("shop", "deny"), policy("bank", "deny")],
    });
    const shop = view.policies("shop");
    const bank = view.policies("bank");
    view.handlers.networkpolicies.upsert(policy("shop", "dns"));
    const after = view.policies("shop");
    expect(after?.policies.map(({ name }) => name)).toEqual(["deny", "dns"]);
    expect(after?.generation).not.toBe(shop?.generation);
    expect(view.policies("bank")).toBe(bank);
    view.handlers.networkpolicies.remove(policy("shop", "deny"));
    expect(view.policies("shop")?.policies.map(({ name }) => name)).toEqual(["dns"]);
  });

  test("whoever asked to be told is told of each, when the view has it already", () => {
    const told: string[] = [];
    const view = knownView(
      { namespaces: [namespace("shop")] },
      {
        policyChanged: (of, name) => told.push(`${of}/${name} ${String(view.policies(of)?.policies.length)}`),
      },
    );
    view.handlers.networkpolicies.upsert(policy("shop", "deny"));
    view.handlers.networkpolicies.remove(policy("shop", "deny"));
    expect(told).toEqual(["shop/deny 1", "shop/deny 0"]);
  });
});

describe("services", () => {
  test("of a namespace by name: their selectors and ports, and nothing else", () => {
    const view = knownView({
      namespaces: [namespace("shop"), namespace("bank")],
      services: [service("shop", "web"), service("bank", "api")],
    });
    const ports = [{ name: "", protocol: "TCP", port: 80, targetPort: 8080 }];
    expect([...(view.services("shop") ?? [])]).toMatchObject([
      ["web", { name: "web", selector: { text: "app=web" }, ports }],
    ]);
    expect([...(view.services("bank")?.keys() ?? [])]).toEqual(["api"]);
    expect(view.services("shop")?.get("web")?.ports).toBe(view.services("bank")?.get("api")?.ports);
    view.handlers.services.remove(service("shop", "web"));
    expect(view.services("shop")?.size).toBe(0);
  });

  test("those of the DNS do not depend on the right to all", () => {
    const view = knownView({ namespaces: [namespace("kube-system")], ...kubeDns() });
    view.handlers.services.unreadable();
    expect(view.services("kube-system")).toBeUndefined();
    expect(view.dns.known).toBe(true);
  });
});

describe("changed", () => {
  const objects = { namespaces: [namespace("shop"), namespace("bank")], pods: [pod("shop", "a")] };

  test.each([
    ["a policy of the namespace", "networkpolicies", policy("shop", "deny"), true],
    ["a policy of another", "networkpolicies", policy("bank", "deny"), false],
    ["a pod of the namespace", "pods", pod("shop", "b"), true],
    ["a pod of another", "pods", pod("bank", "b"), false],
    ["a pod that is in all that matters as it was", "pods", pod("shop", "a"), false],
    ["a template of the namespace", "deployments", workload("shop", "web", {}), true],
    ["a Service of the namespace", "services", service("shop", "web"), true],
    ["a Service of another", "services", service("bank", "web"), false],
    ["the namespace itself", "namespaces", namespace("shop", { a: "b" }), true],
    ["another namespace: a selector may match it now", "namespaces", namespace("third"), true],
    ["a pod where the DNS is", "pods", pod("kube-system", "coredns"), true],
  ] as const)("is told of %s: %s %j %s", async (_, kind, object, expected) => {
    const view = knownView(objects);
    expect(await wakes(view, "shop", () => view.handlers[kind].upsert(object))).toBe(expected);
  });

  test("is told when a kind becomes unknown", async () => {
    const view = knownView(objects);
    expect(await wakes(view, "shop", () => view.handlers.pods.unreadable())).toBe(true);
  });

  test("resolves when the signal is aborted, before or while it waits", async () => {
    const view = knownView();
    await view.changed("shop", AbortSignal.abort());
    const stop = new AbortController();
    expect(await wakes(view, "shop", () => view.handlers.namespaces.upsert(namespace("x")))).toBe(true);
    const waiting = view.changed("shop", stop.signal);
    stop.abort();
    await waiting;
  });
});
