import type { ApiServer } from "./api-server.ts";
import type { ClusterAddresses } from "./cluster-addresses.ts";
import type { NamespaceIdentity, Target } from "./reachability.ts";
import type { WorkloadGroup } from "./workloads.ts";

/**
 * Where the API server calls pods from. It is no pod: it runs on the network of its nodes or outside of the cluster, and on
 * managed clusters its calls may come through agents that are pods.
 */
export interface ApiServerSource {
  /** Its known endpoints; undefined: not known, so that any range may hold it. */
  readonly apiServer: ApiServer | undefined;
  readonly addresses: ClusterAddresses | undefined;
  /** The pods through which it may call (konnectivity). */
  readonly agents: readonly Target[];
}

/** What is to be known of the cluster for that. */
export interface ApiServerSurroundings {
  readonly apiServer: ApiServer | undefined;
  readonly addresses: ClusterAddresses | undefined;
  readonly namespaces: { get(name: string): NamespaceIdentity | undefined } | undefined;
  workloads(namespace: string): readonly WorkloadGroup[] | undefined;
}

const agentNamespace = "kube-system";
const agentLabels = ["k8s-app", "app", "app.kubernetes.io/name"] as const;
const agentName = "konnectivity-agent";

/** What is known of the API server's addresses, and of the agents through which it may call. */
export function apiServerSource(around: ApiServerSurroundings): ApiServerSource {
  const { apiServer, addresses } = around;
  const namespace = around.namespaces?.get(agentNamespace);
  if (namespace === undefined) return { apiServer, addresses, agents: [] };
  const agents = (around.workloads(agentNamespace) ?? [])
    .filter(
      ({ labels, hostNetwork }) => !hostNetwork && agentLabels.some((key) => labels.get(key) === agentName),
    )
    .map(({ labels, hostNetwork }) => ({ pod: { namespace, labels, hostNetwork }, addresses: [] }));
  return { apiServer, addresses, agents };
}
