// The forms of NetworkPolicy specs that purposes are made of. Every field is stated, empty lists included, so that what
// is written can be compared with what stands.

import { namespaceNameLabel } from "../network/selector.ts";
import type { LabelSelector } from "../wire/meta.ts";
import type {
  Direction,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../wire/network-policy.ts";
import type { PodLabels } from "./scalars.ts";

/** Pods of the policy's own namespace; without labels all of them. */
export function pods(labels: PodLabels | undefined): LabelSelector {
  return labels === undefined ? {} : { matchLabels: { ...labels } };
}

/** The policyTypes for these directions. */
export function typesOf(denied: Readonly<Record<Direction, boolean>>): string[] {
  return [...(denied.ingress ? ["Ingress"] : []), ...(denied.egress ? ["Egress"] : [])];
}

/** A spec for ingress alone. */
export function ingressSpec(
  labels: PodLabels | undefined,
  ingress: NetworkPolicyIngressRule[],
): NetworkPolicySpec {
  return { podSelector: pods(labels), policyTypes: ["Ingress"], ingress, egress: [] };
}

/** A spec for egress alone. */
export function egressSpec(
  labels: PodLabels | undefined,
  egress: NetworkPolicyEgressRule[],
): NetworkPolicySpec {
  return { podSelector: pods(labels), policyTypes: ["Egress"], ingress: [], egress };
}

/** One ingress rule; without ports every port. */
export function fromPeers(
  from: readonly NetworkPolicyPeer[],
  ports: readonly NetworkPolicyPort[] = [],
): NetworkPolicyIngressRule {
  return { from: [...from], ...(ports.length > 0 && { ports: [...ports] }) };
}

/** One egress rule; without ports every port. */
export function toPeers(
  to: readonly NetworkPolicyPeer[],
  ports: readonly NetworkPolicyPort[] = [],
): NetworkPolicyEgressRule {
  return { to: [...to], ...(ports.length > 0 && { ports: [...ports] }) };
}

/** Pods of a namespace; without labels all of them. */
export function podsOf(namespace: string, labels: PodLabels | undefined): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { [namespaceNameLabel]: namespace } },
    ...(labels !== undefined && { podSelector: pods(labels) }),
  };
}

/** A range of addresses without its exceptions. */
export function range(cidr: string, except: readonly string[] | undefined): NetworkPolicyPeer {
  return { ipBlock: { cidr, ...(except !== undefined && except.length > 0 && { except: [...except] }) } };
}
