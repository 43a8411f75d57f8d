import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import type { Place } from "#src/network/edges.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet } from "#src/network/policy-set.ts";
import { groupWorkloads } from "#src/network/workloads.ts";
import type { WorkloadFacts } from "#src/network/workloads.ts";
import { clusters } from "./clusters.ts";
import type { NaiveCluster, NaivePod } from "./evaluator.ts";

// Groups have no addresses: here every pod has both families, and where a range may hold one the answer stays open.
export const dualStack = clusters.map((cluster) => ({
  ...cluster,
  pods: cluster.pods.map((pod, i) => ({
    ...pod,
    ips: [`10.244.${1 + (i % 3)}.${1 + i}`, `2001:db8:${1 + (i % 3)}::${1 + i}`],
  })),
}));

/** A pod as the view keeps it. */
export function factsOf(pod: NaivePod): WorkloadFacts {
  return {
    kind: "pod",
    name: pod.name,
    labels: labelSet(pod.labels),
    namedPorts: pod.ports.flatMap(({ name, protocol, containerPort }) =>
      name === undefined ? [] : [{ name, protocol, port: containerPort }],
    ),
    hostNetwork: pod.hostNetwork,
    dnsPolicy: "ClusterFirst",
    terminating: false,
    finished: false,
  };
}

/** A namespace of the cluster with what stands in it. */
export function placeOf(cluster: NaiveCluster, name: string): Place {
  const policies = cluster.policies.filter(({ metadata }) => metadata.namespace === name);
  return {
    namespace: {
      name,
      labels: labelSet(cluster.namespaces.find((namespace) => namespace.name === name)?.labels),
    },
    policies: policySet(
      name,
      policies.map((policy) => compilePolicy(policy)),
    ),
    groups: groupWorkloads(cluster.pods.filter(({ namespace }) => namespace === name).map(factsOf)),
  };
}
