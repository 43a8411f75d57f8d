import type { Direction } from "../wire/network-policy.ts";
import type { Budget } from "./budget.ts";
import type { Place } from "./edges.ts";
import { opened, openOnBoth } from "./open-ports.ts";
import type { AllowEntry, CompiledPolicy, PodPeer } from "./policy.ts";
import { isolating, union } from "./policy-set.ts";
import type { UnionEntry } from "./policy-set.ts";
import { isEmptyPorts } from "./ports.ts";
import { peerMatches } from "./reachability.ts";
import type { Target } from "./reachability.ts";
import { matches } from "./selector.ts";
import { obeysPolicies } from "./workloads.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** What one peer of a rule opens, to the pods that its policy selects. */
export interface OneSide {
  readonly policy: CompiledPolicy;
  readonly direction: Direction;
  readonly entry: AllowEntry;
  readonly peer: PodPeer;
  /** The groups that the policy selects. */
  readonly own: readonly WorkloadGroup[];
  readonly home: Place;
}

/** Steps for one pair of groups and one entry: ports are put together. */
const pairCost = 8;

/** A place as the other side of rules, of which there may be many: what its policies open to a group is found once. */
export class OtherSide {
  readonly place: Place;
  readonly #closing = new Map<Direction, readonly CompiledPolicy[]>();
  readonly #entries = new Map<string, readonly UnionEntry[] | "open">();

  constructor(place: Place) {
    this.place = place;
  }

  /**
   * The groups that the peer means, where the policies of this place open none of them for any of what the rule opens:
   * their egress for a rule of ingress, their ingress for one of egress. `undefined` where one of them is open or may be,
   * where the policies are not known, or the budget was used up; empty where the peer means none.
   */
  closed(side: OneSide, budget: Budget): readonly WorkloadGroup[] | undefined {
    const opposite: Direction = side.direction === "ingress" ? "egress" : "ingress";
    const closed: WorkloadGroup[] = [];
    for (const group of this.place.groups) {
      budget.tick();
      if (!budget.spend()) return undefined;
      if (!obeysPolicies(group)) continue;
      if (peerMatches(side.peer, side.home.namespace.name, targetOf(this.place, group)) !== true) continue;
      const entries = this.#entriesOf(group, opposite, budget);
      if (entries === undefined || entries === "open") return undefined;
      for (const own of side.own) {
        // A pod reaches itself whatever the policies say.
        if (own === group && own.kind === "pod" && own.count === 1) continue;
        if (!budget.spend(pairCost * (1 + entries.length))) return undefined;
        if (!isClosed(side, own, { place: this.place, group, entries })) return undefined;
      }
      closed.push(group);
    }
    return closed;
  }

  /** What the policies open to a group in a direction; "open" where none closes it. */
  #entriesOf(
    group: WorkloadGroup,
    direction: Direction,
    budget: Budget,
  ): readonly UnionEntry[] | "open" | undefined {
    const { policies } = this.place;
    if (policies === undefined) return undefined;
    const key = `${direction} ${group.id}`;
    const standing = this.#entries.get(key);
    if (standing !== undefined) return standing;
    budget.tick(policies.policies.length);
    if (!budget.spend(1 + (policies.policies.length >> 2))) return undefined;
    const closing = this.#closing.get(direction) ?? isolating(policies, direction);
    this.#closing.set(direction, closing);
    const selects = ({ subject }: CompiledPolicy): boolean => matches(subject, group.labels);
    const entries = closing.some(selects)
      ? union(policies, direction).filter(({ policy }) => selects(policy))
      : "open";
    this.#entries.set(key, entries);
    return entries;
  }
}

interface Other {
  readonly place: Place;
  readonly group: WorkloadGroup;
  readonly entries: readonly UnionEntry[];
}

/** Whether nothing that the rule opens between the two is opened by the other side as well, not even perhaps. */
function isClosed(
  { policy, direction, entry, peer, home }: OneSide,
  own: WorkloadGroup,
  { place, group, entries }: Other,
): boolean {
  const { namedPorts } = direction === "ingress" ? own : group;
  const alone = [{ policy, entry: { ...entry, peers: [peer] } }];
  const here = opened(alone, home.namespace.name, direction, targetOf(place, group), namedPorts);
  const opposite = direction === "ingress" ? "egress" : "ingress";
  const there = opened(entries, place.namespace.name, opposite, targetOf(home, own), namedPorts);
  // Of a rule that opens nothing itself, for want of a port of that name, the other side is not to blame.
  return !isEmptyPorts(here.sure) && isEmptyPorts(openOnBoth(here, there).possible);
}

function targetOf({ namespace }: Place, { labels, hostNetwork }: WorkloadGroup): Target {
  return { pod: { namespace, labels, hostNetwork }, addresses: [] };
}
