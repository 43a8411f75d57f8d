import type { Direction } from "../wire/network-policy.ts";
import type { Budget } from "./budget.ts";
import { cidr, pieces, spanned } from "./cidr.ts";
import type { Cidr } from "./cidr.ts";
import { labelSetKey } from "./labels.ts";
import { everythingOpen, openOnBoth, openOnlyIn, opened, unknownPorts } from "./open-ports.ts";
import type { OpenPorts } from "./open-ports.ts";
import type { AllowEntry } from "./policy.ts";
import { isolating, union } from "./policy-set.ts";
import type { PolicySet, UnionEntry } from "./policy-set.ts";
import { isEmptyPorts } from "./ports.ts";
import type { PortSet } from "./ports.ts";
import { peerMatches } from "./reachability.ts";
import type { NamespaceIdentity, Target } from "./reachability.ts";
import { matches } from "./selector.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** A namespace with what stands in it. */
export interface Place {
  readonly namespace: NamespaceIdentity;
  /** `undefined`: not known. */
  readonly policies: PolicySet | undefined;
  readonly groups: readonly WorkloadGroup[];
}

/** One end of an edge: pods or templates that no policy can tell apart, or addresses. */
export type EdgeEnd =
  | { readonly kind: "pods"; readonly namespace: string; readonly group: WorkloadGroup }
  | { readonly kind: "outside"; readonly ranges: readonly Cidr[] };

/** Who may reach whom, on which ports of the pods that are connected to. */
export interface Edge {
  readonly from: EdgeEnd;
  readonly to: EdgeEnd;
  readonly ports: PortSet;
}

export interface EdgeChange {
  readonly gained: readonly Edge[];
  readonly lost: readonly Edge[];
  /** False: the budget was used up, and there may be more. */
  readonly complete: boolean;
}

/** What the question needs besides what changes. */
export interface EdgeContext {
  /** The other namespaces, or those that the change may concern. */
  readonly others: readonly Place[];
  /** Leave out what stays within the namespace: only edges with the others, and with addresses. */
  readonly crossing?: true;
  /** A step is about one entry held against one end. */
  readonly budget: Budget;
}

/**
 * Which edges a namespace gains and loses when its policies or its labels change: between its own groups, with groups
 * of other namespaces and with addresses. Both sides count: egress of the one and ingress of the other. Only what is certain:
 * of a pod the addresses are not looked at, so that a range may hold it; pods of the node's network may be of any node;
 * a pod that ends or has ended is no end of an edge.
 */
export function edgeChange(
  before: Place,
  after: Place,
  { others, crossing, budget }: EdgeContext,
): EdgeChange {
  const gained: Edge[] = [];
  const lost: Edge[] = [];
  const own = new Change(before, after);
  const elsewhere = others.map((place) => new Change(place, place));
  const all = crossing === true ? elsewhere : [own, ...elsewhere];
  const add = (from: EdgeEnd, to: EdgeEnd, was: OpenPorts, is: OpenPorts): void => {
    const [more, less] = [openOnlyIn(is, was), openOnlyIn(was, is)];
    if (!isEmptyPorts(more)) gained.push({ from, to, ports: more });
    if (!isEmptyPorts(less)) lost.push({ from, to, ports: less });
  };
  for (const end of own.ends) {
    // Across the border nothing changes for an end whose own side stays as it is.
    if (crossing === true && !own.relabelled && !changes(end)) continue;
    for (const [from, to] of pairsOf(end, own, all)) {
      const { cost, concerned } = concern(from, to);
      budget.tick(cost);
      if (!budget.spend(cost)) return { gained, lost, complete: false };
      if (!concerned) continue;
      const [was, is] = [portsBetween(from, to, "before"), portsBetween(from, to, "after")];
      add(from.described, to.described, was, is);
    }
    for (const direction of ["ingress", "egress"] as const) {
      if (end.delta(direction).length === 0) continue;
      const found = outsideOf(end, direction, budget);
      if (found === undefined) return { gained, lost, complete: false };
      for (const { outside, was, is } of found) {
        if (direction === "egress") add(end.described, outside, was, is);
        else add(outside, end.described, was, is);
      }
    }
  }
  return { gained, lost, complete: true };
}

type Moment = "before" | "after";

/** A place at both moments; the same but for the namespace that is asked about. */
class Change {
  readonly before: Place;
  readonly after: Place;
  readonly ends: readonly End[];
  readonly relabelled: boolean;

  constructor(before: Place, after: Place) {
    this.before = before;
    this.after = after;
    this.relabelled =
      before !== after && labelSetKey(before.namespace.labels) !== labelSetKey(after.namespace.labels);
    this.ends = after.groups
      .filter(({ terminating, finished }) => !terminating && !finished)
      .map((group) => new End(this, group));
  }
}

/** What one side's policies say of a group: `undefined` where it is not isolated, "unknown" where they are not known. */
type Side = readonly UnionEntry[] | "unknown" | undefined;

function entriesOf(...sides: readonly Side[]): readonly UnionEntry[] {
  return sides.flatMap((side) => (typeof side === "object" ? side : []));
}

/** A group in its place, with what its policies open, found once for all its pairs. */
class End {
  readonly place: Change;
  readonly group: WorkloadGroup;
  readonly #sides = new Map<string, Side>();
  readonly #deltas = new Map<Direction, readonly AllowEntry[] | "all">();

  constructor(place: Change, group: WorkloadGroup) {
    this.place = place;
    this.group = group;
  }

  get described(): EdgeEnd {
    return { kind: "pods", namespace: this.place.after.namespace.name, group: this.group };
  }

  side(direction: Direction, moment: Moment): Side {
    const key = `${direction} ${moment}`;
    if (!this.#sides.has(key)) this.#sides.set(key, this.#sideAt(direction, moment));
    return this.#sides.get(key);
  }

  #sideAt(direction: Direction, moment: Moment): Side {
    const { policies } = this.place[moment];
    if (this.group.hostNetwork) return undefined;
    if (policies === undefined) return "unknown";
    const selects = ({ policy }: Pick<UnionEntry, "policy">): boolean =>
      matches(policy.subject, this.group.labels);
    if (!isolating(policies, direction).some((policy) => selects({ policy }))) return undefined;
    return union(policies, direction).filter(selects);
  }

  /** The entries that are there at one moment alone; "all" where isolation begins or ends. */
  delta(direction: Direction): readonly AllowEntry[] | "all" {
    const standing = this.#deltas.get(direction);
    if (standing !== undefined) return standing;
    const delta = differing(this.side(direction, "before"), this.side(direction, "after"));
    this.#deltas.set(direction, delta);
    return delta;
  }

  target(moment: Moment): Target {
    const { namespace } = this.place[moment];
    return {
      pod: { namespace, labels: this.group.labels, hostNetwork: this.group.hostNetwork },
      addresses: [],
    };
  }
}

function changes(end: End): boolean {
  return end.delta("ingress").length > 0 || end.delta("egress").length > 0;
}

/** Each pair that the end is in, both ways; a pair within the own namespace once. */
function* pairsOf(end: End, own: Change, all: readonly Change[]): Generator<readonly [End, End]> {
  for (const place of all) {
    for (const other of place.ends) {
      // One pod alone reaches itself whatever the policies say; a template may have many.
      if (other !== end || end.group.kind === "template" || end.group.count > 1) yield [end, other];
      if (place !== own) yield [other, end];
    }
  }
}

function differing(was: Side, is: Side): readonly AllowEntry[] | "all" {
  if (typeof was !== "object" || typeof is !== "object") return was === is ? [] : "all";
  const [before, after] = [was, is].map((side) => new Set(side.map(({ entry }) => entry)));
  return entriesOf(was, is)
    .map(({ entry }) => entry)
    .filter((entry) => before?.has(entry) !== after?.has(entry));
}

/** How many entries a look at the pair costs, and whether the change may concern it at all. */
function concern(from: End, to: End): { readonly cost: number; readonly concerned: boolean } {
  const deltas = [from.delta("egress"), to.delta("ingress")] as const;
  const looked = deltas.reduce((sum, delta) => sum + (delta === "all" ? 1 : delta.length), 1);
  const concerned =
    from.place.relabelled ||
    to.place.relabelled ||
    concerns(deltas[0], from, to) ||
    concerns(deltas[1], to, from);
  if (!concerned) return { cost: looked, concerned };
  const sides = (["before", "after"] as const).flatMap((moment) => [
    from.side("egress", moment),
    to.side("ingress", moment),
  ]);
  return { cost: looked + entriesOf(...sides).length, concerned };
}

/** Whether one of the entries, in policies of the one's namespace, may mean the other. */
function concerns(delta: readonly AllowEntry[] | "all", own: End, other: End): boolean {
  if (delta === "all") return true;
  if (delta.length === 0) return false;
  const target = other.target("after");
  const home = own.place.after.namespace.name;
  return delta.some(
    ({ peers }) => peers === "any" || peers.some((peer) => peerMatches(peer, home, target) !== false),
  );
}

function portsBetween(from: End, to: End, moment: Moment): OpenPorts {
  const egress = sidePorts(from, "egress", moment, to.target(moment), to);
  const ingress = sidePorts(to, "ingress", moment, from.target(moment), to);
  return openOnBoth(egress, ingress);
}

function sidePorts(own: End, direction: Direction, moment: Moment, other: Target, to: End): OpenPorts {
  const side = own.side(direction, moment);
  if (side === undefined) return everythingOpen;
  if (side === "unknown") return unknownPorts;
  const ports = opened(side, own.place[moment].namespace.name, direction, other, to.group.namedPorts);
  // What comes from the pod's own node is allowed whatever its policies say.
  return direction === "ingress" && other.pod?.hostNetwork === true
    ? { ...unknownPorts, sure: ports.sure }
    : ports;
}

interface Outside {
  readonly outside: EdgeEnd;
  readonly was: OpenPorts;
  readonly is: OpenPorts;
}

/** What one side's policies open to addresses, before and after, ranges with the same answers together. */
function outsideOf(end: End, direction: Direction, budget: Budget): readonly Outside[] | undefined {
  const sides = { before: end.side(direction, "before"), after: end.side(direction, "after") };
  const entries = entriesOf(sides.before, sides.after);
  const blocks = entries.flatMap(({ entry: { peers } }) =>
    peers === "any" ? [] : peers.filter((peer) => peer.kind === "ipBlock"),
  );
  const found = new Map<string, { ranges: Cidr[]; was: OpenPorts; is: OpenPorts }>();
  for (const whole of [cidr(4, 0n, 0), cidr(6, 0n, 0)]) {
    const starts = pieces({ cidr: whole, except: [] }, blocks);
    for (const [i, start] of starts.entries()) {
      // Each piece is held against each range: of thousands nothing is said.
      budget.tick(1 + entries.length + blocks.length);
      if (!budget.spend(1 + entries.length + (blocks.length >> 3))) return undefined;
      const target = { pod: undefined, addresses: [start] };
      const at = (moment: Moment): OpenPorts => {
        const side = sides[moment];
        if (side === undefined) return everythingOpen;
        if (side === "unknown") return unknownPorts;
        const named = direction === "ingress" ? end.group.namedPorts : [];
        return opened(side, end.place[moment].namespace.name, direction, target, named);
      };
      const [was, is] = [at("before"), at("after")];
      const key = [was, is].map(({ sure, possible }) => `${sure.text} ${possible.text}`).join("|");
      const same = found.get(key);
      const ranges = spanned(start, starts[i + 1]);
      if (same === undefined) found.set(key, { ranges: [...ranges], was, is });
      else same.ranges.push(...ranges);
    }
  }
  return [...found.values()].map(({ ranges, was, is }) => ({
    outside: { kind: "outside", ranges },
    was,
    is,
  }));
}
