/** A kind of policy whose effect is not computed. The group is part of it: three groups have a ClusterNetworkPolicy. */
export interface UnmodelledKind {
  readonly group: string;
  readonly kind: string;
}

/**
 * What in each group decides about traffic of pods; versions and scopes are for discovery to tell. Left out is what
 * decides nothing by itself: derived objects (CiliumEndpoint, PolicyEndpoint), sets and pools that policies refer to
 * (CiliumCIDRGroup, NetworkSet, IPPool, ClusterGroup), tiers, previews (Calico's Staged kinds), routing
 * (CiliumEgressGatewayPolicy, CiliumLocalRedirectPolicy, Egress), and Calico's Profile, of which each namespace has one.
 */
const kindsByGroup: Readonly<Record<string, readonly string[]>> = {
  "cilium.io": ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"],
  "projectcalico.org": ["NetworkPolicy", "GlobalNetworkPolicy"],
  "crd.projectcalico.org": ["NetworkPolicy", "GlobalNetworkPolicy"],
  "policy.networking.k8s.io": ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"],
  "crd.antrea.io": ["NetworkPolicy", "ClusterNetworkPolicy"],
  "networking.k8s.aws": ["ApplicationNetworkPolicy", "ClusterNetworkPolicy"],
};

export const unmodelledKinds: readonly UnmodelledKind[] = Object.entries(kindsByGroup).flatMap(
  ([group, kinds]) => kinds.map((kind) => ({ group, kind })),
);

/** `CiliumNetworkPolicy (cilium.io)`: for texts. */
export function describeKind({ group, kind }: UnmodelledKind): string {
  return `${kind} (${group})`;
}

/** `CiliumNetworkPolicy.cilium.io`: for maps, states and metrics. */
export function kindId({ group, kind }: UnmodelledKind): string {
  return `${kind}.${group}`;
}

/**
 * Whether an object of the kind is a policy of another kind under another name: Calico's API server lists Kubernetes'
 * own NetworkPolicies among its own (projectcalico/calico, libcalico-go/lib/names).
 */
export function isMirrored({ group, kind }: UnmodelledKind, name: string): boolean {
  return group === "projectcalico.org" && kind === "NetworkPolicy" && name.startsWith("knp.default.");
}

/**
 * The group that holds what this one shows, where it is served: Calico's API server is a face of its custom resources,
 * and while it does not answer they still do.
 */
export const storedIn: ReadonlyMap<string, string> = new Map([
  ["projectcalico.org", "crd.projectcalico.org"],
]);
