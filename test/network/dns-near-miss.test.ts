import { expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { nearMisses } from "#src/network/dns-near-miss.ts";
import { everything } from "#src/network/selector.ts";
import type { NetworkPolicyEgressRule } from "#src/wire/network-policy.ts";
import { policySet } from "#src/network/policy-set.ts";
import { customDns, dnsPorts, egress, kubeDns, kubeSystem, resolverOf, shop } from "./cluster.ts";

function misses(
  rules: readonly NetworkPolicyEgressRule[],
  change: Parameters<typeof kubeDns>[0] = {},
  named = 0,
) {
  return nearMisses(shop(egress("p", "web", ...rules)), everything("pods"), {
    resolvers: [resolverOf(kubeDns(change))],
    namespacesSelected: () => named,
    budget: workBudget(0),
  });
}

const byName = { namespaceSelector: { matchLabels: { name: "kube-system" } } };
const kubeDnsPods = { podSelector: { matchLabels: { "k8s-app": "kube-dns" } } };

it("nothing at all", () => {
  expect(misses([])).toEqual([{ kind: "nothing" }]);
  expect(
    misses([{ to: [{ podSelector: { matchLabels: { app: "db" } } }], ports: [{ port: 5432 }] }]),
  ).toEqual([{ kind: "nothing" }]);
  expect(misses([{ to: [kubeSystem], ports: [{ port: 443 }] }])).not.toEqual([{ kind: "nothing" }]);
});

it("both items of an OR: no such namespace, and pods of the own namespace", () => {
  expect(misses([{ to: [byName, kubeDnsPods], ports: [{ protocol: "UDP", port: 53 }] }])).toMatchObject([
    {
      kind: "peer",
      index: 0,
      peers: [
        { why: "noNamespace", namespaces: "name=kube-system" },
        { why: "ownNamespace", text: "pods k8s-app=kube-dns in its own namespace" },
      ],
    },
  ]);
  expect(misses([{ to: [byName], ports: dnsPorts }], {}, 1)).toMatchObject([
    { peers: [{ why: "otherNamespace" }] },
  ]);
});

it("pods there that are not the resolver's, and ranges without it", () => {
  const peers = [
    { ...kubeSystem, podSelector: { matchLabels: { "k8s-app": "coredns" } } },
    { ipBlock: { cidr: "192.0.2.0/24" } },
  ];
  expect(misses([{ to: peers, ports: dnsPorts }])).toMatchObject([
    { kind: "peer", peers: [{ why: "otherPods" }, { why: "otherAddress", text: "192.0.2.0/24" }] },
  ]);
});

it("a port that is not the target port", () => {
  expect(misses([{ to: [kubeSystem], ports: dnsPorts }], { targetPort: 5353 })).toMatchObject([
    { kind: "port", written: "53/TCP, 53/UDP", target: "5353/UDP, 5353/TCP" },
  ]);
  expect(misses([{ ports: dnsPorts }], { targetPort: 5353 })).toMatchObject([{ kind: "port" }]);
});

it("a resolver of the node's network", () => {
  expect(misses([{ to: [kubeSystem], ports: dnsPorts }], { hostNetwork: true })).toMatchObject([
    { kind: "hostNetwork", resolver: { name: "kube-system/kube-dns" } },
  ]);
});

it("only TCP, named before what is less telling", () => {
  const found = misses([
    { to: [byName], ports: dnsPorts },
    { to: [kubeSystem], ports: [{ protocol: "TCP", port: 53 }] },
  ]);
  expect(found).toMatchObject([
    { kind: "onlyTcp", index: 1 },
    { kind: "peer", index: 0 },
  ]);
});

it("looks at policies that apply to the pods in question alone", () => {
  const set = shop(egress("p", "web", { to: [byName], ports: dnsPorts }));
  const api = egress("q", "api").subject;
  expect(
    nearMisses(set, api, {
      resolvers: [resolverOf(kubeDns())],
      namespacesSelected: () => undefined,
      budget: workBudget(0),
    }),
  ).toEqual([{ kind: "nothing" }]);
});

it("an entry that is for something else is none, whatever it opens", () => {
  // Every UDP port of other pods; the metrics of all namespaces; every port of one range.
  expect(
    misses([{ to: [{ podSelector: { matchLabels: { app: "db" } } }], ports: [{ protocol: "UDP" }] }]),
  ).toEqual([{ kind: "nothing" }]);
  expect(misses([{ to: [{ namespaceSelector: {} }], ports: [{ port: 9090 }] }])).toEqual([
    { kind: "nothing" },
  ]);
  expect(misses([{ ports: [{ port: 443 }] }])).toEqual([{ kind: "nothing" }]);
  expect(misses([{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }])).toEqual([{ kind: "nothing" }]);
  const others = {
    namespaceSelector: { matchExpressions: [{ key: "name", operator: "NotIn", values: ["kube-system"] }] },
  };
  expect(misses([{ to: [{ ...others, podSelector: { matchLabels: { "k8s-app": "other" } } }] }])).toEqual([
    { kind: "nothing" },
  ]);
});

it("a peer that speaks of the resolver without ports", () => {
  expect(misses([{ to: [byName] }])).toMatchObject([{ kind: "peer", peers: [{ why: "noNamespace" }] }]);
  expect(misses([{ to: [kubeDnsPods] }])).toMatchObject([{ kind: "peer", peers: [{ why: "ownNamespace" }] }]);
});

it("a named port of DNS that the resolver does not have", () => {
  expect(misses([{ to: [kubeSystem], ports: [{ protocol: "UDP", port: "dns-tcp" }] }])).toMatchObject([
    { kind: "port", written: "dns-tcp/UDP" },
  ]);
});

it("in the resolver's own namespace a podSelector alone means other pods", () => {
  const set = policySet("kube-system", [
    egress("p", "web", { to: [{ podSelector: { matchLabels: { app: "dns" } } }], ports: dnsPorts }),
  ]);
  expect(
    nearMisses(set, everything("pods"), {
      resolvers: [resolverOf(kubeDns())],
      namespacesSelected: () => undefined,
      budget: workBudget(0),
    }),
  ).toMatchObject([{ kind: "peer", peers: [{ why: "otherPods" }] }]);
});

it("of several resolvers the most telling miss is named", () => {
  const set = shop(egress("p", "web", { to: [kubeSystem], ports: [{ protocol: "TCP", port: 53 }] }));
  const found = nearMisses(set, everything("pods"), {
    resolvers: [customDns(), resolverOf(kubeDns())],
    namespacesSelected: () => 1,
    budget: workBudget(0),
  });
  expect(found).toMatchObject([{ kind: "onlyTcp" }]);
});

it("tells a few of thousands, and asks for the namespaces of those alone", () => {
  let asked = 0;
  const peers = Array.from({ length: 3000 }, (_, i) => ({
    namespaceSelector: { matchLabels: { name: `n${i}` } },
  }));
  const rules = Array.from({ length: 20 }, () => ({ to: peers, ports: dnsPorts }));
  const found = nearMisses(shop(egress("p", "web", ...rules)), everything("pods"), {
    resolvers: [resolverOf(kubeDns())],
    namespacesSelected: () => (asked += 1),
    budget: workBudget(0),
  });
  expect(found).toHaveLength(5);
  expect(asked).toBe(25);
});
