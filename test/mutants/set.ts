import type {
  NetworkPolicyEgressRule,
  NetworkPolicyPeer,
  NetworkPolicySpec,
} from "#src/wire/network-policy.ts";
import type { ObjectMeta } from "#src/wire/meta.ts";
import type { KubernetesObject } from "../support/objects.ts";

/** A NetworkPolicy as a manifest has it, its namespace named. */
export interface PolicyObject extends KubernetesObject {
  metadata: ObjectMeta & { name: string; namespace: string };
  spec: NetworkPolicySpec;
}

/** How pods resolve names on one kind of cluster, and how a policy opens that rightly. */
export interface Platform {
  readonly name: string;
  /** The cluster's own part: DNS, nodes. */
  readonly objects: readonly KubernetesObject[];
  /** Each opens DNS as far as it must be open here. */
  readonly dnsRules: readonly [NetworkPolicyEgressRule, ...NetworkPolicyEgressRule[]];
  /** The resolver's pods, where there are some that a selector matches. */
  readonly resolver:
    | (Required<Pick<NetworkPolicyPeer, "namespaceSelector" | "podSelector">> & { readonly port: number })
    | undefined;
  /** Addresses that answer on port 53 without being pods. */
  readonly addresses: readonly string[];
}

/** A set of policies that belongs together, and the cluster that it is made for. */
export interface PolicySetCase {
  readonly recipe: string;
  readonly seed: number;
  readonly platform: Platform;
  /** Namespaces, workloads and services; the platform's are not among them. */
  readonly surroundings: readonly KubernetesObject[];
  readonly policies: readonly PolicyObject[];
}

/** `shop/api`: which policy it is. */
export function nameOf({ metadata: { namespace, name } }: PolicyObject): string {
  return `${namespace}/${name}`;
}

/** The set with one policy changed; the change may do what it likes to its copy. */
export function withChanged(
  set: PolicySetCase,
  policy: PolicyObject,
  change: (spec: NetworkPolicySpec) => void,
): readonly PolicyObject[] {
  const copy = structuredClone(policy);
  change(copy.spec);
  return set.policies.map((each) => (each === policy ? copy : each));
}
