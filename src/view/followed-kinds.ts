/**
 * The kinds that the view is made of, by the names of their resources. What the cluster's DNS and the
 * API server's own Service stand on is followed in each of their namespaces by itself, so that a right to these few is enough.
 */
export const followedKinds = [
  "namespaces",
  "networkpolicies",
  "pods",
  "deployments",
  "statefulsets",
  "daemonsets",
  "replicasets",
  "jobs",
  "cronjobs",
  "services",
  "ingresses",
  "validatingwebhookconfigurations",
  "mutatingwebhookconfigurations",
  "apiservices",
  "services/kube-system",
  "endpointslices/kube-system",
  "services/openshift-dns",
  "endpointslices/openshift-dns",
  "services/default",
  "endpointslices/default",
] as const;
export type FollowedKind = (typeof followedKinds)[number];
type NarrowKind = Extract<FollowedKind, `${string}/${string}`>;
type ApiServerKind = Extract<FollowedKind, `${string}/default`>;
export type DnsKind = Exclude<NarrowKind, ApiServerKind>;
export type WorkloadKind = Extract<
  FollowedKind,
  "pods" | "deployments" | "statefulsets" | "daemonsets" | "replicasets" | "jobs" | "cronjobs"
>;
type FollowedResource = Exclude<FollowedKind, NarrowKind> | "endpointslices";

const inOneNamespace = {
  "services/kube-system": { resource: "services", namespace: "kube-system" },
  "endpointslices/kube-system": { resource: "endpointslices", namespace: "kube-system" },
  "services/openshift-dns": { resource: "services", namespace: "openshift-dns" },
  "endpointslices/openshift-dns": { resource: "endpointslices", namespace: "openshift-dns" },
  "services/default": { resource: "services", namespace: "default" },
  "endpointslices/default": { resource: "endpointslices", namespace: "default" },
} as const satisfies Record<NarrowKind, object>;
const isNarrow = (kind: FollowedKind): kind is NarrowKind => Object.hasOwn(inOneNamespace, kind);

/** The resource of a kind, and the namespace where only that is looked at. */
export function followedAs(kind: FollowedKind): {
  readonly resource: FollowedResource;
  readonly namespace?: string;
} {
  return isNarrow(kind) ? inOneNamespace[kind] : { resource: kind };
}
