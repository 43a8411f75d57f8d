import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "#src/network/cidr.ts";
import { labelSet } from "#src/network/labels.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { policySet, union } from "#src/network/policy-set.ts";
import {
  allows,
  bothOf,
  coveredByOthers,
  externalTarget,
  isolationChange,
} from "#src/network/reachability.ts";
import type { Target, TargetPort } from "#src/network/reachability.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort } from "#src/wire/network-policy.ts";
import { allLabelSets, wireSelector } from "./arbitraries.ts";
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

describe("what a change does to isolation", () => {
  it("names the groups that are closed and opened", () => {
    const groups = groupsOf(
      workload("web-1", { app: "web" }),
      workload("api-1", { app: "api" }),
      workload("node-1", { app: "web" }, { hostNetwork: true }),
    );
    const before = shop(egress("web", "web"));
    const after = shop(egress("api", "api"));
    const names = (list: typeof groups) => list.flatMap(({ examples }) => examples);
    const change = isolationChange(before, after, "egress", groups);
    expect([names(change.closed), names(change.opened)]).toEqual([["api-1"], ["web-1"]]);
    expect(isolationChange(before, after, "ingress", groups)).toEqual({ closed: [], opened: [] });
    expect(isolationChange(before, shop(egress("all", undefined)), "egress", groups).opened).toEqual([]);
  });
});

describe("an entry that others cover", () => {
  const covered = (...policies: readonly CompiledPolicy[]) => {
    const [entry, ...others] = union(shop(...policies), "egress");
    if (entry === undefined) throw new Error("no entry");
    return coveredByOthers(entry, others);
  };

  it.each([
    [[{ to: [toDb], ports: [{ port: 80 }] }], [{ to: [{ podSelector: {} }] }], true],
    [
      [{ to: [toDb], ports: [{ port: 80, endPort: 90 }] }],
      [
        { to: [toDb], ports: [{ port: 80, endPort: 84 }] },
        { to: [toDb], ports: [{ port: 85, endPort: 90 }] },
      ],
      true,
    ],
    [[{ to: [toDb] }], [{ to: [toDb], ports: [{ port: 80 }] }], false],
    [[{ to: [toDb] }], [{}], true],
    [[{}], [{ to: [{ namespaceSelector: {} }] }], false],
    [[{ ports: [{ port: 80 }] }], [{}], true],
    [[{ to: [toDb] }], [{ to: [{ namespaceSelector: {} }] }], true],
    [[{ to: [toDb] }], [{ to: [{ namespaceSelector: { matchLabels: { a: "b" } } }] }], false],
    [[{ to: [{ namespaceSelector: {} }] }], [{ to: [{ podSelector: {} }] }], false],
    [
      [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }],
      [{ to: [{ ipBlock: { cidr: "0.0.0.0/1" } }, { ipBlock: { cidr: "128.0.0.0/1" } }] }],
      true,
    ],
    [[{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }], [{ to: [{ podSelector: {} }] }], false],
  ])("%j by %j: %s", (own, others, answer) => {
    expect(covered(egress("a", "web", ...own), egress("b", undefined, ...others))).toBe(answer);
    // To pods of another policy's selector they open nothing.
    expect(covered(egress("a", "web", ...own), egress("b", "api", ...others))).toBe(false);
  });

  const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
    wireSelector.map((podSelector) => ({ podSelector })),
    wireSelector.map((podSelector) => ({ podSelector, namespaceSelector: {} })),
  );
  const ports: fc.Arbitrary<NetworkPolicyPort[]> = fc.array(
    fc.record({ port: fc.integer({ min: 1, max: 3 }) }),
    { maxLength: 2 },
  );
  const rule = fc.record({ to: fc.array(peer, { maxLength: 2 }), ports });
  const policies = fc
    .array(fc.record({ podSelector: wireSelector, egress: fc.array(rule, { maxLength: 2 }) }), {
      maxLength: 3,
    })
    .map((specs) => specs.map((spec, i) => policy(`p${i}`, { ...spec, policyTypes: ["Egress"] })));
  const universe = allLabelSets();

  test.prop([
    policies,
    fc.subarray([...universe], { maxLength: 4 }),
    fc.subarray([...universe], { maxLength: 4 }),
  ])("may go without changing what is allowed", (list, sources, targets) => {
    const entries = union(policySet("shop", list), "egress");
    for (const entry of entries) {
      if (!coveredByOthers(entry, entries)) continue;
      const without = list.map((one) =>
        one === entry.policy ? { ...one, egress: one.egress.filter((other) => other !== entry.entry) } : one,
      );
      for (const source of sources) {
        for (const labels of targets) {
          const target = { ...db, pod: { ...pod("shop", {}, "10.0.0.1").pod, labels } } as Target;
          for (const number of [1, 2, 3, 4]) {
            expect(allows(policySet("shop", without), "egress", source, target, port(number, []))).toBe(
              allows(policySet("shop", list), "egress", source, target, port(number, [])),
            );
          }
        }
      }
    }
  });
});
