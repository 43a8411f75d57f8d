import type { Direction } from "../wire/network-policy.ts";
import type { Cidr } from "./cidr.ts";
import type { PortSet } from "./ports.ts";
import type { Selector } from "./selector.ts";

/**
 * What an entry does with what it matches. NetworkPolicies only allow, and every question here is asked of unions; a
 * dialect that denies or passes on adds its word here together with the questions' answers to it.
 */
export type Action = "allow";

/** When a policy counts: a lower one first. NetworkPolicies have no order among them: all have this one. */
export const networkPolicyOrder = 0;

/** A policy as rules see it: what it selects, what it isolates, what it opens. Nothing raw is kept. */
export interface CompiledPolicy {
  readonly namespace: string;
  readonly name: string;
  /** The pods of its namespace that it applies to. */
  readonly subject: Selector;
  /** The directions of its effective policyTypes. */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  /** Those of one order count together, and before those of a higher one. */
  readonly order: number;
  /** Empty where the direction is not among the policyTypes: Kubernetes then ignores the rules. */
  readonly ingress: readonly AllowEntry[];
  readonly egress: readonly AllowEntry[];
  /** It has a deletionTimestamp: it counts for what it opens, not for what it protects. */
  readonly terminating: boolean;
  /** Named and labelled as Ringfence's own; who may do that is a guard's matter. */
  readonly companion: boolean;
  /**
   * False where a part could not be read (before validation, or in a file): such a part selects nothing and opens
   * nothing here, and kube-apiserver will refuse the object.
   */
  readonly readable: boolean;
}

/** One ingress or egress rule: any of the peers, on any of the ports. */
export interface AllowEntry {
  readonly action: Action;
  /** "any": no peers are named. An empty list opens nothing: none of the peers could be read. */
  readonly peers: readonly Peer[] | "any";
  readonly ports: PortSet | "any";
  /** Its place in `spec.ingress` or `spec.egress`. */
  readonly index: number;
}

export type Peer = PodPeer | IpBlockPeer;

export interface PodPeer {
  readonly kind: "pods";
  /** "own": the policy's namespace. */
  readonly namespaces: Selector | "own";
  readonly pods: Selector;
}

export interface IpBlockPeer {
  readonly kind: "ipBlock";
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

/**
 * Canonical text of a peer, whatever the order of its parts, also for people: `pods app=web in namespaces team=a`,
 * `10.0.0.0/8 except 10.1.0.0/16`.
 */
export function peerText(peer: Peer): string {
  if (peer.kind === "ipBlock") {
    const except = [...new Set(peer.except.map((cidr) => cidr.text))].sort().join(", ");
    return except === "" ? peer.cidr.text : `${peer.cidr.text} except ${except}`;
  }
  const pods = peer.pods.text === "" ? "all pods" : `pods ${peer.pods.text}`;
  if (peer.namespaces === "own") return `${pods} in its own namespace`;
  return `${pods} in ${peer.namespaces.text === "" ? "all namespaces" : `namespaces ${peer.namespaces.text}`}`;
}
