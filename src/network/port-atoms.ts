import { allPorts, holdsNumber, isEveryPort, protocols } from "./ports.ts";
import type { Interval, PortSet, Protocol } from "./ports.ts";

/** A piece of a port set that each of some other sets holds as a whole or not at all. */
export type PortAtom =
  | { readonly kind: "numbers"; readonly protocol: Protocol; readonly interval: Interval }
  | { readonly kind: "name"; readonly protocol: Protocol; readonly name: string }
  /** What is of none of the three protocols: only "any" holds it. */
  | { readonly kind: "rest" };

/** The pieces of `ports`, as the others cut it. */
export function portAtoms(ports: PortSet | "any", others: readonly (PortSet | "any")[]): readonly PortAtom[] {
  const atoms: PortAtom[] = protocols.flatMap((protocol) => {
    const { intervals, names } = ports === "any" ? allPorts : ports[protocol];
    const cuts = new Set<number>();
    for (const other of others) {
      if (other === "any") continue;
      for (const [from, to] of other[protocol].intervals) {
        if (holdsNumber(intervals, from)) cuts.add(from);
        if (holdsNumber(intervals, to + 1)) cuts.add(to + 1);
      }
    }
    return [
      ...cutAt(intervals, cuts).map((interval) => ({ kind: "numbers", protocol, interval }) as const),
      ...names.map((name) => ({ kind: "name", protocol, name }) as const),
    ];
  });
  return ports === "any" ? [...atoms, { kind: "rest" }] : atoms;
}

/** How many numbers the sets may cut ports at: what it takes to find their pieces. */
export function cutsOf(sets: readonly (PortSet | "any")[]): number {
  let cuts = 0;
  for (const set of sets) {
    if (set !== "any") for (const protocol of protocols) cuts += 2 * set[protocol].intervals.length;
  }
  return cuts;
}

/** The intervals are sorted; all cuts lie within one of them. */
function cutAt(intervals: readonly Interval[], cuts: ReadonlySet<number>): readonly Interval[] {
  const sorted = [...cuts].sort((a, b) => a - b);
  let next = 0;
  return intervals.flatMap(([from, to]) => {
    const pieces: Interval[] = [];
    let start = from;
    for (let cut = sorted[next]; cut !== undefined && cut <= to; cut = sorted[++next]) {
      if (cut === start) continue;
      pieces.push([start, cut - 1]);
      start = cut;
    }
    return [...pieces, [start, to] as const];
  });
}

/**
 * Whether the set holds the piece, on every pod there can be. `undefined`: that depends on the named ports of the pod; of
 * a name on which number it stands for, of numbers on the names that stand in the set.
 */
export function holdsAtom(set: PortSet | "any", atom: PortAtom): boolean | undefined {
  if (set === "any") return true;
  if (atom.kind === "rest") return false;
  const { intervals, names } = set[atom.protocol];
  if (atom.kind === "numbers") {
    if (holdsNumber(intervals, atom.interval[0])) return true;
    return names.length > 0 ? undefined : false;
  }
  if (names.includes(atom.name)) return true;
  if (isEveryPort(set[atom.protocol])) return true;
  return intervals.length + names.length > 0 ? undefined : false;
}
