import type { Direction } from "../wire/network-policy.ts";
import type { Budget } from "./budget.ts";
import { parseAddress } from "./address.ts";
import { blockHolds } from "./cidr.ts";
import type { Address } from "./address.ts";
import type { LabelSet } from "./labels.ts";
import type { AllowEntry, CompiledPolicy, Peer } from "./policy.ts";
import { isolating, union } from "./policy-set.ts";
import type { PolicySet } from "./policy-set.ts";
import { opensPort } from "./ports.ts";
import type { NamedPort, Protocol } from "./ports.ts";
import { matches, matchesPartly } from "./selector.ts";
import { obeysPolicies } from "./workloads.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** A namespace as peers see it. */
export interface NamespaceIdentity {
  readonly name: string;
  readonly labels: LabelSet;
}

/** The other side of a connection: a pod, or an address outside. */
export interface Target {
  /** `undefined`: no pod, so that no selector matches. */
  readonly pod: PodIdentity | undefined;
  /** Of a pod none: not known, or not there yet, so that an ipBlock may or may not hold it. */
  readonly addresses: readonly Address[];
}

export interface PodIdentity {
  readonly namespace: NamespaceIdentity;
  /** `undefined`: nothing is known of the pod, so that selectors may or may not match. */
  readonly labels: LabelSet | undefined;
  /** It may have more labels than these. */
  readonly partial?: boolean;
  /** On the node's network: selectors do not match it. */
  readonly hostNetwork: boolean;
}

/** A port of the pod that is connected to, with that pod's named ports where they are known. */
export interface TargetPort {
  readonly protocol: Protocol;
  readonly port: number;
  readonly named: readonly NamedPort[] | undefined;
}

/** True, false, or `undefined` for unknown; "or" of many: one true suffices. */
export function anyOf(answers: Iterable<boolean | undefined>): boolean | undefined {
  let result: boolean | undefined = false;
  for (const answer of answers) {
    if (answer === true) return true;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** "and" of two answers: one false suffices. */
export function bothOf(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}

/** Whether the peer, in a policy of the namespace `own`, means the target. */
export function peerMatches(peer: Peer, own: string, target: Target): boolean | undefined {
  const { pod, addresses } = target;
  if (peer.kind === "ipBlock") {
    if (pod !== undefined && addresses.length === 0) return undefined;
    return addresses.some((address) => blockHolds(peer, address));
  }
  if (pod === undefined || pod.hostNetwork) return false;
  const inNamespace =
    peer.namespaces === "own" ? pod.namespace.name === own : matches(peer.namespaces, pod.namespace.labels);
  if (!inNamespace) return false;
  // It may even be of the node's network.
  if (pod.labels === undefined) return undefined;
  return pod.partial === true ? matchesPartly(peer.pods, pod.labels) : matches(peer.pods, pod.labels);
}

/**
 * Whether the entry, in a policy of the namespace `own`, opens this port. Names of ports are those of pods. Of egress,
 * whether one counts for an ipBlock that holds the target's address differs from CNI to CNI, so that it is unknown; of
 * ingress it is a port of the policy's own pod, whoever asks.
 */
export function entryOpens(
  entry: Pick<AllowEntry, "peers" | "ports">,
  own: string,
  target: Target,
  port: TargetPort,
  direction: Direction = "egress",
  budget?: Budget,
): boolean | undefined {
  budget?.tick();
  const { protocol, port: number } = port;
  const ports = opensPort(entry.ports, protocol, number, port.named);
  if (entry.peers === "any" || ports === false) return ports;
  const byNumber =
    direction === "ingress" || opensPort(entry.ports, protocol, number, []) === true ? ports : undefined;
  let answer: boolean | undefined = false;
  for (const peer of entry.peers) {
    budget?.tick(peer.kind === "ipBlock" ? 1 + peer.except.length : 1);
    const opens = bothOf(peer.kind === "ipBlock" ? byNumber : ports, peerMatches(peer, own, target));
    if (opens === true) return true;
    if (opens === undefined) answer = undefined;
  }
  return answer;
}

/** The policies that isolate a pod with these labels, in order of name; one of the node's network is never isolated. */
export function isolatedBy(
  set: PolicySet,
  direction: Direction,
  labels: LabelSet,
): readonly CompiledPolicy[] {
  return isolating(set, direction).filter((policy) => matches(policy.subject, labels));
}

/**
 * Whether the policies of one side allow the connection: the pod with these labels (in the set's namespace) and the
 * target, in the direction as this pod sees it. Not isolated is allowed; otherwise the union decides. Of ingress, the
 * port is one of the pod itself.
 */
export function allows(
  set: PolicySet,
  direction: Direction,
  labels: LabelSet,
  target: Target,
  port: TargetPort,
): boolean | undefined {
  if (isolatedBy(set, direction, labels).length === 0) return true;
  return anyOf(
    union(set, direction)
      .filter(({ policy }) => matches(policy.subject, labels))
      .map(({ entry }) => entryOpens(entry, set.namespace, target, port, direction)),
  );
}

/** A target at this one address, no pod. */
export function externalTarget(address: string): Target | undefined {
  const parsed = parseAddress(address);
  return parsed && { pod: undefined, addresses: [parsed] };
}

/** Groups whose isolation in one direction a change of the set begins or ends. */
export interface IsolationChange {
  readonly closed: readonly WorkloadGroup[];
  readonly opened: readonly WorkloadGroup[];
}

/**
 * What the change from one set to another does to the isolation of these groups. Pods of the node's network are never
 * isolated; those that end or have ended are not counted. Policies that stand in both sets are looked at only for groups that
 * one of the others selects.
 */
export function isolationChange(
  before: PolicySet,
  after: PolicySet,
  direction: Direction,
  groups: readonly WorkloadGroup[],
  budget?: Budget,
): IsolationChange {
  const [was, is] = [isolating(before, direction), isolating(after, direction)];
  const [gone, come] = [without(was, is), without(is, was)];
  const closed: WorkloadGroup[] = [];
  const opened: WorkloadGroup[] = [];
  if (gone.length + come.length === 0) return { closed, opened };
  for (const group of groups) {
    budget?.tick(gone.length + come.length);
    if (!obeysPolicies(group)) continue;
    if (selectedBy(come, group, budget) && !selectedBy(was, group, budget)) closed.push(group);
    else if (selectedBy(gone, group, budget) && !selectedBy(is, group, budget)) opened.push(group);
  }
  return { closed, opened };
}

function without(
  policies: readonly CompiledPolicy[],
  others: readonly CompiledPolicy[],
): readonly CompiledPolicy[] {
  const standing = new Set(others);
  return policies.filter((policy) => !standing.has(policy));
}

function selectedBy(
  policies: readonly CompiledPolicy[],
  group: WorkloadGroup,
  budget: Budget | undefined,
): boolean {
  budget?.tick(policies.length);
  return policies.some((policy) => matches(policy.subject, group.labels));
}
