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

/**
 * The groups of a place that the peer means, where the policies of that place open none of them for any of what the rule
 * opens: their egress for a rule of ingress, their ingress for one of egress. `undefined` where one of them is open or may
 * be, where the policies are not known, or the budget was used up; empty where the peer means none.
 */
export function closedByOtherSide(
  side: OneSide,
  place: Place,
  budget: Budget,
): readonly WorkloadGroup[] | undefined {
  const { policies, namespace, groups } = place;
  if (policies === undefined) return undefined;
  const opposite: Direction = side.direction === "ingress" ? "egress" : "ingress";
  const closing = isolating(policies, opposite);
  const closed: WorkloadGroup[] = [];
  for (const group of groups) {
    budget.tick();
    if (!budget.spend()) return undefined;
    if (isOver(group) || group.hostNetwork) continue;
    if (peerMatches(side.peer, side.home.namespace.name, targetOf(place, group)) !== true) continue;
    budget.tick(closing.length);
    if (!closing.some(({ subject }) => matches(subject, group.labels))) return undefined;
    const entries = union(policies, opposite).filter(({ policy }) => matches(policy.subject, group.labels));
    for (const own of side.own) {
      if (own === group && own.kind === "pod" && own.count === 1) continue;
      if (!budget.spend(1 + entries.length)) return undefined;
      if (!isClosed(side, own, { place, group, entries, own: namespace.name })) return undefined;
    }
    closed.push(group);
  }
  return closed;
}

interface Other {
  readonly place: Place;
  readonly group: WorkloadGroup;
  readonly entries: readonly UnionEntry[];
  readonly own: string;
}

/** Whether nothing that the rule opens between the two is opened by the other side as well, not even perhaps. */
function isClosed(
  { policy, direction, entry, peer, home }: OneSide,
  own: WorkloadGroup,
  other: Other,
): boolean {
  const { namedPorts } = direction === "ingress" ? own : other.group;
  const alone = [{ policy, entry: { ...entry, peers: [peer] } }];
  const here = opened(alone, home.namespace.name, direction, targetOf(other.place, other.group), namedPorts);
  const opposite = direction === "ingress" ? "egress" : "ingress";
  const there = opened(other.entries, other.own, opposite, targetOf(home, own), namedPorts);
  // Of a rule that opens nothing itself, for want of a port of that name, the other side is not to blame.
  return !isEmptyPorts(here.sure) && isEmptyPorts(openOnBoth(here, there).possible);
}

function targetOf({ namespace }: Place, { labels, hostNetwork }: WorkloadGroup): Target {
  return { pod: { namespace, labels, hostNetwork }, addresses: [] };
}

function isOver({ terminating, finished }: WorkloadGroup): boolean {
  return terminating || finished;
}
