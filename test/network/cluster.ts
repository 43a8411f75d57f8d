import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { configuredDnsProfile } from "#src/network/dns-profile.ts";
import type { DnsProfile, DnsResolver } from "#src/network/dns-profile.ts";
import { detectDnsProfile } from "#src/network/dns/detect.ts";
import { serviceResolver, type ResolverSource } from "#src/network/dns/service-resolver.ts";
import { Interner } from "#src/network/interner.ts";
import { labelSet } from "#src/network/labels.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { policySet } from "#src/network/policy-set.ts";
import type { PolicySet } from "#src/network/policy-set.ts";
import { groupWorkloads } from "#src/network/workloads.ts";
import type { WorkloadFacts, WorkloadGroup } from "#src/network/workloads.ts";
import { namespaceNameLabel } from "#src/network/selector.ts";
import type { ObjectMeta } from "#src/wire/meta.ts";
import type { NetworkPolicyEgressRule, NetworkPolicySpec } from "#src/wire/network-policy.ts";

export const namespaceLabels = (name: string, more: Record<string, string> = {}) =>
  labelSet({ [namespaceNameLabel]: name, ...more });

/** A policy of the namespace shop. */
export function policy(name: string, spec: NetworkPolicySpec, metadata: ObjectMeta = {}): CompiledPolicy {
  return compilePolicy({ metadata: { name, namespace: "shop", ...metadata }, spec }, new Interner());
}

export function shop(...policies: readonly CompiledPolicy[]): PolicySet {
  return policySet("shop", policies);
}

/** Isolates egress of `app=<app>`, or of all pods, and opens what the rules say. */
export function egress(
  name: string,
  app: string | undefined,
  ...rules: NetworkPolicyEgressRule[]
): CompiledPolicy {
  return policy(name, {
    podSelector: app === undefined ? {} : { matchLabels: { app } },
    policyTypes: ["Egress"],
    egress: rules,
  });
}

const pod: Omit<WorkloadFacts, "name"> = {
  kind: "pod",
  labels: new Map(),
  namedPorts: [],
  hostNetwork: false,
  dnsPolicy: "ClusterFirst",
  terminating: false,
  finished: false,
};

export function workload(
  name: string,
  labels: Record<string, string>,
  facts: Partial<WorkloadFacts> = {},
): WorkloadFacts {
  return { ...pod, name, labels: labelSet(labels), ...facts };
}

export function groupsOf(...facts: readonly WorkloadFacts[]): readonly WorkloadGroup[] {
  return groupWorkloads(facts);
}

/** kube-dns as kubeadm makes it: two pods, a slice, a port for metrics besides. */
export function kubeDns(
  change: { targetPort?: number; hostNetwork?: boolean; ready?: boolean } = {},
): ResolverSource {
  const { targetPort = 53, hostNetwork = false, ready = true } = change;
  const labels = labelSet({ "k8s-app": "kube-dns", "pod-template-hash": "7c65d6cfc9" });
  const namedPorts = [
    { name: "dns", protocol: "UDP", port: targetPort },
    { name: "dns-tcp", protocol: "TCP", port: targetPort },
    { name: "metrics", protocol: "TCP", port: 9153 },
  ];
  return {
    service: {
      metadata: { name: "kube-dns", namespace: "kube-system" },
      spec: {
        clusterIP: "10.96.0.10",
        clusterIPs: ["10.96.0.10"],
        selector: { "k8s-app": "kube-dns" },
        ports: [
          { name: "dns", protocol: "UDP", port: 53, targetPort },
          { name: "dns-tcp", protocol: "TCP", port: 53, targetPort },
          { name: "metrics", protocol: "TCP", port: 9153, targetPort: 9153 },
        ],
      },
    },
    slices: [
      {
        metadata: { name: "kube-dns-1", namespace: "kube-system" },
        addressType: "IPv4",
        endpoints: ["a", "b"].map((name, i) => ({
          addresses: [`10.244.0.${i + 2}`],
          conditions: { ready },
          targetRef: { kind: "Pod", namespace: "kube-system", name },
        })),
        ports: [
          { name: "dns", protocol: "UDP", port: targetPort },
          { name: "dns-tcp", protocol: "TCP", port: targetPort },
          { name: "metrics", protocol: "TCP", port: 9153 },
        ],
      },
    ],
    pods: ["a", "b"].map((name) => ({ name, labels, namedPorts, hostNetwork })),
    namespaceLabels: namespaceLabels("kube-system"),
  };
}

export function profileOf(...sources: readonly ResolverSource[]): DnsProfile {
  return detectDnsProfile(sources);
}

export function resolverOf(source: ResolverSource): DnsResolver {
  return serviceResolver(source, "kube-dns");
}

/** A second resolver, named by configuration. */
export function customDns(): DnsResolver {
  const profile = configuredDnsProfile([
    {
      name: "dns/unbound",
      namespace: "dns",
      namespaceLabels: namespaceLabels("dns"),
      podLabels: labelSet({ app: "unbound" }),
    },
  ]);
  const resolver = profile.known ? profile.resolvers[0] : undefined;
  if (resolver === undefined) throw new Error(profile.evidence);
  return resolver;
}

/** Peers and ports of rules that tests have in common. */
export const kubeSystem = { namespaceSelector: { matchLabels: { [namespaceNameLabel]: "kube-system" } } };
export const dnsPorts = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];
export const dnsEgress: NetworkPolicyEgressRule = { to: [kubeSystem], ports: dnsPorts };
