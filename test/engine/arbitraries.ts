import fc from "fast-check";
import type { LabelSelector } from "#src/wire/meta.ts";
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "#src/wire/network-policy.ts";

/** Selectors that mean something in the cluster of the fixtures, and some that contradict themselves. */
const podSelector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constantFrom<LabelSelector>(
    {},
    { matchLabels: { "k8s-app": "kube-dns" } },
    { matchLabels: { app: "worker", tier: "batch" } },
  ),
  fc.constantFrom("api", "frontend", "db", "prometheus").map((app) => ({ matchLabels: { app } })),
  fc.record({
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: fc.constantFrom("app", "tier"),
          operator: fc.constantFrom("In", "NotIn"),
          values: fc.uniqueArray(fc.constantFrom("api", "frontend", "batch"), { minLength: 1, maxLength: 2 }),
        }),
        fc.record({
          key: fc.constantFrom("app", "tier"),
          operator: fc.constantFrom("Exists", "DoesNotExist"),
        }),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
);

const namespaceSelector = fc.constantFrom<LabelSelector>(
  {},
  { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
  { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
  { matchLabels: { name: "kube-system" } },
  { matchLabels: { team: "store" } },
  { matchExpressions: [{ key: "namespace", operator: "In", values: ["monitoring", "kube-system"] }] },
);

const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector }),
  fc.record({ namespaceSelector }),
  fc.record({ namespaceSelector, podSelector }),
  fc
    .constantFrom("10.96.0.10/32", "10.244.0.0/16", "0.0.0.0/0", "203.0.113.0/24")
    .map((cidr) => ({ ipBlock: { cidr } })),
);

const port: fc.Arbitrary<NetworkPolicyPort> = fc.record(
  {
    protocol: fc.constantFrom("UDP", "TCP"),
    port: fc.constantFrom<number | string>(53, 5353, 5432, "dns", "dns-tcp"),
  },
  { requiredKeys: ["protocol"] },
);

const peers = fc.array(peer, { minLength: 1, maxLength: 3 });
const ports = fc.array(port, { minLength: 1, maxLength: 3 });

/** A spec as kube-apiserver sends it: policyTypes, podSelector and protocols are there, no list is empty. */
const spec: fc.Arbitrary<NetworkPolicySpec> = fc.record(
  {
    podSelector,
    policyTypes: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Egress"]),
    ingress: fc.array(fc.record({ from: peers, ports }, { requiredKeys: [] }), {
      minLength: 1,
      maxLength: 3,
    }),
    egress: fc.array(fc.record({ to: peers, ports }, { requiredKeys: [] }), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ["podSelector", "policyTypes"] },
);

/** A policy of shop under this name. */
export function policyNamed(
  name: string,
): fc.Arbitrary<NetworkPolicy & { apiVersion: string; kind: string }> {
  return spec.map((spec) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "shop" },
    spec,
  }));
}

/** Other policies of the namespace. */
export const standing = fc.tuple(
  fc.option(policyNamed("first"), { nil: undefined }),
  fc.option(policyNamed("second"), { nil: undefined }),
);

/** The same spec in another order: of rules, peers, ports and expressions, by turns reversed and rotated. */
export function reordered(original: NetworkPolicySpec, by: number): NetworkPolicySpec {
  return reorder(original, by) as NetworkPolicySpec;
}

function reorder(value: unknown, by: number): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => reorder(item, by));
    const turned = [...items.slice(by % items.length), ...items.slice(0, by % items.length)];
    return by % 2 === 0 ? turned.reverse() : turned;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, reorder(inner, by)] as const)
      .reverse(),
  );
}

/** The same spec in other words: each pair of labels as an expression. */
export function reworded(original: NetworkPolicySpec): NetworkPolicySpec {
  return reword(original) as NetworkPolicySpec;
}

function reword(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reword);
  if (typeof value !== "object" || value === null) return value;
  if (!("matchLabels" in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reword(inner)]));
  }
  const { matchLabels = {}, matchExpressions = [] } = value as LabelSelector;
  const pairs = Object.entries(matchLabels).map(([key, label]) => ({ key, operator: "In", values: [label] }));
  return { matchExpressions: [...pairs, ...matchExpressions] };
}
