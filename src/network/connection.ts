import type { Address, Family } from "./address.ts";
import type { LabelSet } from "./labels.ts";
import type { PolicySet } from "./policy-set.ts";
import type { NamedPort, Protocol } from "./ports.ts";
import { allows, anyOf, bothOf } from "./reachability.ts";
import type { NamespaceIdentity, Target } from "./reachability.ts";

/** One end of a connection: a pod, or an address outside of the cluster. */
export type End = PodEnd | { readonly kind: "outside"; readonly address: Address };

export interface PodEnd {
  readonly kind: "pod";
  readonly namespace: NamespaceIdentity;
  /** Those of its namespace; `undefined`: not known. */
  readonly policies: PolicySet | undefined;
  readonly labels: LabelSet;
  readonly namedPorts: readonly NamedPort[];
  /** On the node's network: policies have no effect on it, and no selector matches it. */
  readonly hostNetwork: boolean;
  /** None: not known, or not there yet. */
  readonly addresses: readonly Address[];
  /** The node that it runs on; absent: not known, or not there yet. */
  readonly node?: string;
}

/** Whether a connection is allowed, and by which side it is not; `undefined`: unknown. */
export interface Connection {
  readonly allowed: boolean | undefined;
  /** By the policies of where it comes from. */
  readonly egress: boolean | undefined;
  /** By the policies of where it goes to. */
  readonly ingress: boolean | undefined;
}

/**
 * Whether `from` may connect to this port of `to`: egress of the one and ingress of the other must allow it, over a
 * family that both have. One pod given as both ends reaches itself whatever the policies say.
 */
export function connects(from: End, to: End, port: { protocol: Protocol; port: number }): Connection {
  if (from === to) return { allowed: true, egress: true, ingress: true };
  const sides = familiesOf(from, to).map((family) => {
    const [source, destination] = [targetOf(from, family), targetOf(to, family)];
    const named = to.kind === "pod" ? to.namedPorts : [];
    const egress = sideAllows("egress", from, destination, { ...port, named });
    const ingress = anyOf([isLocalNode(from, to), sideAllows("ingress", to, source, { ...port, named })]);
    return { egress, ingress, allowed: bothOf(egress, ingress) };
  });
  return {
    allowed: anyOf(sides.map(({ allowed }) => allowed)),
    egress: anyOf(sides.map(({ egress }) => egress)),
    ingress: anyOf(sides.map(({ ingress }) => ingress)),
  };
}

function sideAllows(
  direction: "ingress" | "egress",
  own: End,
  other: Target,
  port: { protocol: Protocol; port: number; named: readonly NamedPort[] },
): boolean | undefined {
  if (own.kind === "outside" || own.hostNetwork) return true;
  return own.policies && allows(own.policies, direction, own.labels, other, port);
}

/**
 * What comes from the pod's own node is allowed, whatever its policies say (NetworkPolicySpec.ingress in
 * k8s.io/api/networking/v1).
 */
function isLocalNode(from: End, to: End): boolean | undefined {
  if (from.kind === "outside" || to.kind === "outside" || !from.hostNetwork) return false;
  return from.node === undefined || to.node === undefined ? undefined : from.node === to.node;
}

/** The families over which the two may speak; "any" where addresses are not known. */
function familiesOf(from: End, to: End): readonly (Family | "any")[] {
  const [sources, destinations] = [addressesOf(from), addressesOf(to)];
  if (sources.length === 0 && destinations.length === 0) return ["any"];
  const has = (addresses: readonly Address[], family: Family): boolean =>
    addresses.length === 0 || addresses.some((address) => address.family === family);
  return ([4, 6] as const).filter((family) => has(sources, family) && has(destinations, family));
}

function targetOf(end: End, family: Family | "any"): Target {
  const addresses = addressesOf(end).filter((address) => family === "any" || address.family === family);
  if (end.kind === "outside") return { pod: undefined, addresses };
  const { namespace, labels, hostNetwork } = end;
  return { pod: { namespace, labels, hostNetwork }, addresses };
}

function addressesOf(end: End): readonly Address[] {
  return end.kind === "outside" ? [end.address] : end.addresses;
}
