import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { dnsCutOff, dnsTcpMissing } from "#src/network/dns-egress.ts";
import type { DnsContext } from "#src/network/dns-egress.ts";
import { dnsRule } from "#src/network/dns-rule.ts";
import { policySet, withPolicy } from "#src/network/policy-set.ts";
import type { PolicySet } from "#src/network/policy-set.ts";
import { allows } from "#src/network/reachability.ts";
import { matches } from "#src/network/selector.ts";
import type { NetworkPolicyEgressRule } from "#src/wire/network-policy.ts";
import { allLabelSets, wireSelector } from "./arbitraries.ts";
import {
  customDns,
  dnsEgress,
  egress,
  groupsOf,
  kubeDns,
  kubeSystem,
  namespaceLabels,
  policy,
  profileOf,
  resolverOf,
  shop,
  workload,
} from "./cluster.ts";

function context(change: Partial<DnsContext> = {}): DnsContext {
  return {
    groups: [],
    profile: profileOf(kubeDns()),
    namespaceLabels: namespaceLabels("shop"),
    dueCompanions: [],
    budget: workBudget(10_000),
    ...change,
  };
}

/** What was found, in short: who is cut off. */
function cutOff(set: PolicySet, change: Partial<DnsContext> = {}): readonly string[] {
  return dnsCutOff(set, context(change)).map(({ admitted, scope }) =>
    scope.kind === "selector"
      ? `${admitted}: {${scope.selector.text}}`
      : `${admitted}: ${scope.groups.flatMap(({ examples }) => examples).join(",")}`,
  );
}

const web = workload("web-1", { app: "web" });
const api = workload("api-1", { app: "api" });
const dnsForAll = egress("allow-dns", undefined, dnsEgress);

describe("missing-dns-egress", () => {
  it("(1) is fine where the selector implies the union", () => {
    expect(cutOff(shop(dnsForAll, egress("deny", undefined)), { groups: groupsOf(web, api) })).toEqual([]);
    expect(cutOff(shop(dnsForAll, egress("web", "web")), { groups: undefined })).toEqual([]);
  });

  it("(1) is fine where several policies together admit all pods", () => {
    const others = policy("others", {
      podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] },
      policyTypes: ["Egress"],
      egress: [dnsEgress],
    });
    expect(cutOff(shop(egress("web", "web", dnsEgress), others, egress("deny", undefined)))).toEqual([]);
  });

  it("(2) finds the present pods and templates that are outside of the union", () => {
    const template = workload("Deployment/jobs", { app: "jobs" }, { kind: "template" });
    const set = shop(egress("deny", undefined), egress("web", "web", dnsEgress));
    expect(cutOff(set, { groups: groupsOf(web, api, template) })).toEqual(["none: api-1,Deployment/jobs"]);
  });

  it.each([
    { hostNetwork: true },
    { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" },
    { dnsPolicy: "None" },
    { dnsPolicy: "Default" },
    { terminating: true },
    { finished: true },
  ])("(2) does not concern pods with %j, (3) but they are there: unknown", (facts) => {
    const groups = groupsOf(workload("odd", { app: "odd" }, facts));
    expect(cutOff(shop(egress("deny", undefined)), { groups })).toEqual(["unknown: {}"]);
  });

  it("(2) concerns a pod off the node's network with ClusterFirstWithHostNet", () => {
    const groups = groupsOf(workload("odd", {}, { dnsPolicy: "ClusterFirstWithHostNet" }));
    expect(cutOff(shop(egress("deny", undefined)), { groups })).toEqual(["none: odd"]);
  });

  it("(3) finds the selector where no pod matches it and the union is empty or disjoint", () => {
    expect(cutOff(shop(egress("deny", undefined)))).toEqual(["none: {}"]);
    expect(
      cutOff(shop(egress("web", "web"), egress("api", "api", dnsEgress)), { groups: groupsOf(api) }),
    ).toEqual(["none: {app=web}"]);
  });

  it("(4) is unknown where the union overlaps and no pod decides", () => {
    const set = shop(egress("deny", undefined), egress("web", "web", dnsEgress));
    expect(cutOff(set)).toEqual(["unknown: {}"]);
    expect(cutOff(set, { groups: groupsOf(web) })).toEqual(["unknown: {}"]);
  });

  it("(4) is unknown where the pods are not known", () => {
    expect(cutOff(shop(egress("deny", undefined)), { groups: undefined })).toEqual(["unknown: {}"]);
  });

  it("says nothing where no profile is known, or nothing isolates egress", () => {
    const profile = profileOf(kubeDns({ ready: false }));
    expect(profile.known).toBe(false);
    expect(cutOff(shop(egress("deny", undefined)), { profile })).toEqual([]);
    expect(cutOff(shop(policy("in", { podSelector: {}, policyTypes: ["Ingress"] })))).toEqual([]);
  });

  it("a terminating policy opens and does not isolate", () => {
    const leaving = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    const spec = { podSelector: {}, policyTypes: ["Egress"] };
    expect(cutOff(shop(policy("deny", spec, leaving)))).toEqual([]);
    expect(
      cutOff(shop(egress("deny", undefined), policy("dns", { ...spec, egress: [dnsEgress] }, leaving))),
    ).toEqual([]);
  });

  it("egress rules of a policy without Egress are not in force", () => {
    const ignored = policy("dns", { podSelector: {}, policyTypes: ["Ingress"], egress: [dnsEgress] });
    expect(cutOff(shop(egress("deny", undefined), ignored))).toEqual(["none: {}"]);
  });

  it("companions that are due count for what they open", () => {
    expect(cutOff(shop(egress("deny", undefined)), { dueCompanions: [dnsForAll] })).toEqual([]);
    expect(cutOff(shop(), { dueCompanions: [egress("deny", undefined)] })).toEqual([]);
  });

  it("of several resolvers one suffices, and the others are said", () => {
    const resolvers = [resolverOf(kubeDns()), customDns()];
    const profile = { known: true, evidence: "", signs: [], unread: [], resolvers } as const;
    expect(cutOff(shop(egress("deny", undefined)), { profile })).toEqual(["none: {}"]);
    const [some, ...more] = dnsCutOff(shop(dnsForAll), context({ profile }));
    expect(more).toEqual([]);
    expect(some).toMatchObject({ admitted: "some", scope: { kind: "selector", selector: { text: "" } } });
    expect(some?.resolvers.map(({ name }) => name)).toEqual(["dns/unbound"]);
    const rule = dnsRule(profile);
    expect(rule && cutOff(shop(egress("both", undefined, rule)), { profile })).toEqual([]);
  });

  it("names each selector once, with all its policies", () => {
    const found = dnsCutOff(shop(egress("b", "web"), egress("a", "web"), egress("c", "api")), context());
    expect(found.map(({ selector, policies }) => [selector.text, policies.map(({ name }) => name)])).toEqual([
      ["app=web", ["a", "b"]],
      ["app=api", ["c"]],
    ]);
  });

  it("past the budget the present pods decide, and it is said", () => {
    const budget = workBudget(0);
    const podSelector = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["api"] }] };
    const others = policy("others", { podSelector, policyTypes: ["Egress"], egress: [dnsEgress] });
    const split = shop(egress("deny", undefined), others);
    const [found] = dnsCutOff(split, context({ budget, groups: groupsOf(web, api) }));
    expect(found).toMatchObject({ admitted: "none", byPresentPods: true });
    expect(cutOff(split, { budget, groups: groupsOf(web) })).toEqual(["unknown: {}"]);
    // What needs no search needs no budget.
    expect(cutOff(shop(dnsForAll, egress("deny", undefined)), { budget })).toEqual([]);
  });

  it("a named port on a range may or may not count: unknown", () => {
    const named = egress("named", undefined, {
      to: [{ ipBlock: { cidr: "0.0.0.0/0" } }],
      ports: [{ protocol: "UDP", port: "dns" }],
    });
    expect(cutOff(shop(named), { groups: groupsOf(web) })).toEqual(["unknown: {}"]);
  });
});

describe("dns-udp-only", () => {
  const udpOnly = { to: [kubeSystem], ports: [{ protocol: "UDP", port: 53 }] };
  const tcpOnly = { to: [kubeSystem], ports: [{ protocol: "TCP", port: 53 }] };
  const found = (set: PolicySet, change: Partial<DnsContext> = {}) =>
    dnsTcpMissing(set, context(change)).map(({ selector, entries }) => [
      selector.text,
      ...entries.map(({ policy, entry }) => `${policy.name}[${entry.index}]`),
    ]);

  it("finds the entries that open UDP alone", () => {
    expect(found(shop(egress("dns", undefined, udpOnly)))).toEqual([["", "dns[0]"]]);
    expect(found(shop(egress("dns", "web", { to: [{}] }, udpOnly)), { groups: groupsOf(web) })).toEqual([
      ["app=web", "dns[1]"],
    ]);
  });

  it("is content where the union opens TCP", () => {
    expect(found(shop(egress("dns", undefined, udpOnly, tcpOnly)))).toEqual([]);
    expect(found(shop(egress("dns", undefined, udpOnly), egress("tcp", undefined, tcpOnly)))).toEqual([]);
    expect(found(shop(egress("dns", undefined, udpOnly)), { dueCompanions: [dnsForAll] })).toEqual([]);
    expect(found(shop(dnsForAll))).toEqual([]);
  });

  it("says nothing where no profile is known", () => {
    expect(found(shop(egress("dns", undefined, udpOnly)), { profile: profileOf() })).toEqual([]);
  });

  it("says nothing past the budget", () => {
    expect(found(shop(egress("dns", undefined, udpOnly)), { budget: workBudget(0) })).toEqual([]);
  });

  it("does not concern pods that may not ask at all, nor those that are not isolated", () => {
    expect(found(shop(egress("deny", undefined)))).toEqual([]);
    const leaving = policy(
      "dns",
      { podSelector: {}, policyTypes: ["Egress"], egress: [udpOnly] },
      { deletionTimestamp: "2026-01-01T00:00:00Z" },
    );
    expect(found(shop(leaving))).toEqual([]);
  });
});

describe("against brute force", () => {
  const rule = fc.constantFrom<NetworkPolicyEgressRule[][]>(
    [],
    [dnsEgress],
    [{ to: [kubeSystem], ports: [{ protocol: "UDP", port: 53 }] }],
    [{ to: [kubeSystem], ports: [{ protocol: "TCP", port: 53 }] }],
    [{ to: [{ podSelector: {} }], ports: [{ protocol: "UDP", port: 53 }] }],
  );
  const policies = fc
    .array(fc.record({ podSelector: wireSelector, egress: rule }), { maxLength: 4 })
    .map((specs) => specs.map((spec, i) => policy(`p${i}`, { ...spec, policyTypes: ["Egress"] })));
  const resolver = resolverOf(kubeDns());
  const [endpoint] = resolver.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const mayAsk = (set: PolicySet, labels: ReadonlyMap<string, string>, protocol: "UDP" | "TCP") =>
    allows(set, "egress", labels, endpoint.target, {
      protocol,
      port: 53,
      named: endpoint.namedPorts,
    });
  const universe = allLabelSets();
  const someLabels = fc.subarray([...universe], { maxLength: 5 });

  test.prop([policies, someLabels])(
    "present pods are found exactly when they may not ask",
    (list, present) => {
      const set = policySet("shop", list);
      const groups = groupsOf(...present.map((labels, i) => ({ ...web, name: `pod-${i}`, labels })));
      const expected = groups
        .filter((group) => mayAsk(set, group.labels, "UDP") === false)
        .map(({ id }) => id);
      const found = dnsCutOff(set, context({ groups }));
      const ids = found.flatMap(({ admitted, scope }) =>
        admitted === "none" && scope.kind === "groups" ? [...scope.ids] : [],
      );
      expect([...new Set(ids)].sort()).toEqual(expected.sort());
      for (const { admitted, scope } of found) {
        if (admitted !== "none" || scope.kind !== "selector") continue;
        // Every pod of such a scope would be cut off.
        for (const labels of universe) {
          if (matches(scope.selector, labels)) expect(mayAsk(set, labels, "UDP")).toBe(false);
        }
      }
      if (found.length === 0) for (const labels of universe) expect(mayAsk(set, labels, "UDP")).toBe(true);
    },
  );

  test.prop([policies, someLabels])(
    "present pods lack TCP exactly when they may ask over UDP alone",
    (list, present) => {
      const set = policySet("shop", list);
      const groups = groupsOf(...present.map((labels, i) => ({ ...web, name: `pod-${i}`, labels })));
      const expected = groups
        .filter(({ labels }) => mayAsk(set, labels, "UDP") === true && mayAsk(set, labels, "TCP") === false)
        .map(({ id }) => id);
      const ids = dnsTcpMissing(set, context({ groups })).flatMap(({ scope }) =>
        scope.kind === "groups" ? [...scope.ids] : [],
      );
      expect([...new Set(ids)].sort()).toEqual(expected.sort());
    },
  );

  test.prop([policies, someLabels])("the order in which policies came does not matter", (list, present) => {
    const groups = groupsOf(...present.map((labels, i) => ({ ...web, name: `pod-${i}`, labels })));
    const turned = [...list].reverse().reduce((set, one) => withPolicy(set, one), shop());
    expect(dnsCutOff(turned, context({ groups }))).toEqual(
      dnsCutOff(policySet("shop", list), context({ groups })),
    );
  });

  test.prop([policies])("appending the DNS rule removes every finding", (list) => {
    const rule = dnsRule(profileOf(kubeDns()));
    if (rule === undefined) throw new Error("no rule");
    const set = withPolicy(policySet("shop", list), egress("zz-dns", undefined, rule));
    expect(dnsCutOff(set, context({ groups: undefined }))).toEqual([]);
    expect(dnsTcpMissing(set, context({ groups: undefined }))).toEqual([]);
  });
});
