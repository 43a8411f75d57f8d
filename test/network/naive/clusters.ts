import fc from "fast-check";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "#src/wire/network-policy.ts";
import type { NaiveCluster, NaiveEnd, NaivePod, Traffic } from "./evaluator.ts";

// A small world, so that chance makes the cases that matter: namespaces with equal labels, pods with equal labels in
// several of them, ranges whose borders lie between pods, ports at both ends of ranges.
const namespaces = ["x", "y", "z"].map((name) => ({
  name,
  // y and z differ in nothing but their name.
  labels: { "kubernetes.io/metadata.name": name, team: name === "x" ? "one" : "two" },
}));
const nodes = ["n1", "n2"];
const nodeAddresses: Record<string, string[]> = {
  n1: ["192.0.2.1", "2001:db8:f::1"],
  n2: ["192.0.2.2", "2001:db8:f::2"],
};
const outside = ["203.0.113.1", "203.0.113.200", "2001:db8:ffff::1", "192.0.2.1"];
const numbers = [80, 81, 82, 443];
const protocols = ["TCP", "UDP", "SCTP"];
const ranges = [
  { cidr: "0.0.0.0/0", holes: ["10.244.0.0/16", "10.244.1.0/30", "203.0.113.128/25", "192.0.2.1/32"] },
  { cidr: "10.244.0.0/16", holes: ["10.244.1.0/24", "10.244.2.1/32"] },
  { cidr: "10.244.1.2/31", holes: ["10.244.1.3/32"] },
  { cidr: "192.0.2.0/24", holes: ["192.0.2.2/31"] },
  { cidr: "203.0.113.0/24", holes: ["203.0.113.0/25"] },
  { cidr: "::/0", holes: ["2001:db8:1::/48", "2001:db8:ffff::/48"] },
  { cidr: "2001:db8::/32", holes: ["2001:db8:2::/47"] },
];

const labelKey = fc.constantFrom("app", "tier");
const labelValue = fc.constantFrom("a", "b");
const labels = fc
  .array(fc.tuple(labelKey, labelValue), { maxLength: 2 })
  .map((pairs) => Object.fromEntries(pairs) as Record<string, string>);

function selectorOver(key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<LabelSelector> {
  const requirement = fc.oneof(
    fc.record({
      key,
      operator: fc.constantFrom("In", "NotIn"),
      values: fc.uniqueArray(value, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
  );
  return fc.oneof(
    fc.constant({}),
    fc.tuple(key, value).map(([k, v]) => ({ matchLabels: { [k]: v } })),
    fc.record(
      {
        matchLabels: fc
          .array(fc.tuple(key, value), { maxLength: 1 })
          .map((pairs) => Object.fromEntries(pairs)),
        matchExpressions: fc.array(requirement, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  );
}
const podSelector = selectorOver(labelKey, labelValue);
const namespaceSelector = selectorOver(
  fc.constantFrom("team", "kubernetes.io/metadata.name"),
  fc.constantFrom("one", "two", "x", "y"),
);

const ipBlock = fc
  .constantFrom(...ranges)
  .chain(({ cidr, holes }) =>
    fc.record({ cidr: fc.constant(cidr), except: fc.subarray(holes) }, { requiredKeys: ["cidr"] }),
  );
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ podSelector }) },
  { weight: 1, arbitrary: fc.record({ namespaceSelector }) },
  { weight: 1, arbitrary: fc.record({ namespaceSelector, podSelector }) },
  { weight: 2, arbitrary: fc.record({ ipBlock }) },
);

const protocol = fc.constantFrom("TCP", ...protocols);
const port: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ protocol }, { requiredKeys: [] }),
  fc.record(
    { protocol, port: fc.constantFrom<number | string>(...numbers, "web", "alt") },
    { requiredKeys: ["port"] },
  ),
  fc
    .record({ protocol, from: fc.constantFrom(...numbers), more: fc.nat(2) })
    .map((given) => ({ protocol: given.protocol, port: given.from, endPort: given.from + given.more })),
);
const peers = fc.array(peer, { maxLength: 2 });
const ports = fc.array(port, { maxLength: 2 });

/** Rare by chance: a named port, and a range that holds pods. */
const nameInRange = fc.record({
  to: fc.record({ ipBlock }).map((one) => [one]),
  ports: fc.constantFrom("web", "alt").map((name) => [{ port: name }]),
});

const spec = fc.record(
  {
    podSelector,
    policyTypes: fc.subarray(["Ingress", "Egress"]),
    ingress: fc.array(fc.record({ from: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
    egress: fc.array(fc.oneof(fc.record({ to: peers, ports }, { requiredKeys: [] }), nameInRange), {
      maxLength: 2,
    }),
  },
  { requiredKeys: [] },
);

const policies: fc.Arbitrary<NetworkPolicy[]> = fc
  .array(fc.record({ namespace: fc.constantFrom("x", "y", "z"), spec }), { maxLength: 5 })
  .map((all) => all.map(({ namespace, spec }, i) => ({ metadata: { name: `p${i}`, namespace }, spec })));

const containerPorts = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("web", "web", "alt", undefined),
    containerPort: fc.constantFrom(...numbers),
    protocol,
  }),
  // One name stands once in a pod.
  { minLength: 1, maxLength: 2, selector: ({ name }) => name },
);

const pods: fc.Arbitrary<NaivePod[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom("x", "y", "z"),
      labels,
      families: fc.constantFrom("4", "6", "46"),
      node: fc.constantFrom(...nodes),
      hostNetwork: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
      ports: containerPorts,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    all.map((pod, i) => ({ ...pod, name: `pod${i}`, ips: addressesOf(pod, i), ports: pod.ports.map(named) })),
  );

function named({ name, ...rest }: { name: string | undefined; containerPort: number; protocol: string }) {
  return name === undefined ? rest : { name, ...rest };
}

function addressesOf(pod: { families: string; node: string; hostNetwork: boolean }, i: number): string[] {
  const own = pod.hostNetwork
    ? (nodeAddresses[pod.node] ?? [])
    : [`10.244.${1 + (i % 3)}.${1 + i}`, `2001:db8:${1 + (i % 3)}::${1 + i}`];
  return own.filter((address) => pod.families.includes(address.includes(":") ? "6" : "4"));
}

/** Clusters of three namespaces, a few pods and policies. */
export const clusters: fc.Arbitrary<NaiveCluster> = fc.noBias(
  fc.record({ pods, policies }).map(({ pods, policies }) => ({ namespaces, pods, policies })),
);

/** Every connection worth asking for in a cluster: each pair of its pods and addresses outside, on each port. */
export function* everyTraffic({ pods }: NaiveCluster): Generator<Traffic> {
  const others: NaiveEnd[] = outside.map((ip) => ({ ip }));
  const pairs: (readonly [NaiveEnd, NaiveEnd])[] = [
    ...pods.flatMap((from) => [...pods, ...others].map((to) => [from, to] as const)),
    ...others.flatMap((from) => pods.map((to) => [from, to] as const)),
  ];
  for (const [from, to] of pairs) {
    for (const protocol of protocols) {
      for (const port of [...numbers, 83, 444]) yield { from, to, protocol, port };
    }
  }
}
