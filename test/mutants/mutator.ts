import type { Random } from "../fuzz/random.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { withChanged, type PolicyObject, type PolicySetCase } from "./set.ts";

/** A set with one mistake in it. */
export type Mutant = Pick<PolicySetCase, "policies" | "surroundings">;

/** Makes one mistake that people make. */
export interface Mutator {
  /** What is wrong afterwards, in kebab-case. */
  readonly id: string;
  /** The mistake in words. */
  readonly mistake: string;
  /** The rule that must notice it; its profile says what follows. */
  readonly rule: string;
  /** Why baseline lets it pass; absent where baseline promises to deny it. */
  readonly baselineCannot?: string;
  /** Rules of baseline that may deny it as well, and rightly. */
  readonly also?: readonly string[];
  /** Whether the mistake does harm in this set; where it does none, nobody has to notice. Absent: always. */
  readonly harms?: (mutant: PolicySetCase, set: PolicySetCase) => boolean;
  /** Undefined where the set has no place for the mistake. */
  readonly mutate: (set: PolicySetCase, random: Random) => Mutant | undefined;
}

export type Direction = "ingress" | "egress";

/** One rule of one policy, with its lists as they are; of a changed one they are what it is given. */
export interface Spot {
  readonly policy: PolicyObject;
  readonly direction: Direction;
  readonly index: number;
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

/** All rules of the set. */
export function spotsOf({ policies }: Pick<PolicySetCase, "policies">): Spot[] {
  return policies.flatMap((policy) => [
    ...(policy.spec.ingress ?? []).map(({ from = [], ports = [] }, index) => ({
      policy,
      direction: "ingress" as const,
      index,
      peers: from,
      ports,
    })),
    ...(policy.spec.egress ?? []).map(({ to = [], ports = [] }, index) => ({
      policy,
      direction: "egress" as const,
      index,
      peers: to,
      ports,
    })),
  ]);
}

/** Whether the rule opens DNS, as far as its ports say. */
export function isDns({ direction, ports }: Spot): boolean {
  return (
    direction === "egress" &&
    ports.length > 0 &&
    ports.every(({ port }) => port === 53 || port === 5353 || port === 8053 || /^dns/.test(String(port)))
  );
}

/** One of them; undefined where there is none. */
export function oneOf<T>(random: Random, items: readonly T[]): T | undefined {
  return items[random.below(items.length)];
}

/** The set with this rule's lists replaced; a list that is not given is left out. */
export function replaced(
  set: PolicySetCase,
  { policy, direction, index }: Spot,
  {
    peers,
    ports,
  }: { readonly peers?: readonly NetworkPolicyPeer[]; readonly ports?: readonly NetworkPolicyPort[] },
): Mutant {
  const lists = {
    ...(peers === undefined ? {} : { [direction === "ingress" ? "from" : "to"]: [...peers] }),
    ...(ports === undefined ? {} : { ports: [...ports] }),
  };
  return changed(set, policy, (spec) => {
    const rules: object[] = spec[direction] ?? [];
    rules[index] = lists;
  });
}

/** The rule with other peers. */
export function withPeers(
  set: PolicySetCase,
  spot: Spot,
  peers: readonly NetworkPolicyPeer[] | undefined,
): Mutant {
  const ports = spot.ports.length === 0 ? {} : { ports: spot.ports };
  return replaced(set, spot, peers === undefined ? ports : { peers, ...ports });
}

/** The rule with other ports. */
export function withPorts(set: PolicySetCase, spot: Spot, ports: readonly NetworkPolicyPort[]): Mutant {
  return replaced(set, spot, spot.peers.length === 0 ? { ports } : { peers: spot.peers, ports });
}

/** The set with one policy's spec changed. */
export function changed(
  set: PolicySetCase,
  policy: PolicyObject,
  change: (spec: NetworkPolicySpec) => void,
): Mutant {
  return { surroundings: set.surroundings, policies: withChanged(set, policy, change) };
}

/** The set with one policy more. */
export function added(set: PolicySetCase, name: string, spec: NetworkPolicySpec, namespace = "shop"): Mutant {
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec,
  };
  return { surroundings: set.surroundings, policies: [...set.policies, policy] };
}

/** The set without one policy. */
export function removed(set: PolicySetCase, policy: PolicyObject): Mutant {
  return { surroundings: set.surroundings, policies: set.policies.filter((each) => each !== policy) };
}

/** A rule of those that `where` holds of, changed; undefined where there is none. */
export function atOne(
  set: PolicySetCase,
  random: Random,
  where: (spot: Spot) => boolean,
  change: (spot: Spot) => Mutant | undefined,
): Mutant | undefined {
  const spot = oneOf(random, spotsOf(set).filter(where));
  return spot === undefined ? undefined : change(spot);
}

/** The spot with the first peer of which `where` holds exchanged for others. */
export function exchanged(
  set: PolicySetCase,
  spot: Spot,
  where: (peer: NetworkPolicyPeer) => boolean,
  others: (peer: NetworkPolicyPeer) => readonly NetworkPolicyPeer[],
): Mutant {
  const at = spot.peers.findIndex(where);
  const peers = spot.peers.flatMap((peer, index) => (index === at ? others(peer) : [peer]));
  return withPeers(set, spot, peers);
}
