import { expect, it } from "vitest";
import { nearMisses } from "#src/network/dns-near-miss.ts";
import { everything } from "#src/network/selector.ts";
import type { NetworkPolicyEgressRule } from "#src/wire/network-policy.ts";
import { dnsPorts, egress, kubeDns, kubeSystem, resolverOf, shop } from "./cluster.ts";

function misses(
  rules: readonly NetworkPolicyEgressRule[],
  change: Parameters<typeof kubeDns>[0] = {},
  named = 0,
) {
  return nearMisses(shop(egress("p", "web", ...rules)), everything("pods"), {
    resolvers: [resolverOf(kubeDns(change))],
    namespacesSelected: () => named,
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
    { kind: "hostNetwork", resolver: "kube-system/kube-dns", addresses: ["10.244.0.2", "10.244.0.3"] },
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
    nearMisses(set, api, { resolvers: [resolverOf(kubeDns())], namespacesSelected: () => undefined }),
  ).toEqual([{ kind: "nothing" }]);
});
