import type { Budget } from "./budget.ts";
import { allows, both, isImpossible, opposite } from "./constraint.ts";
import type { Constraint } from "./constraint.ts";
import { implies, isEverything, overlaps, satisfiable, universe } from "./selector.ts";
import type { Box, Selector } from "./selector.ts";

/** Connections of a pod that is the subject of a policy with pods of other namespaces: any of each. */
export interface Connections {
  readonly subjects: Pick<Selector, "constraints">;
  readonly namespaces: Pick<Selector, "constraints">;
  readonly pods: Pick<Selector, "constraints">;
}

/**
 * Whether everything that `a` selects is selected by at least one of the union. Exact; `undefined` when the budget was
 * used up before the answer was found (the question is hard in general: it has the power of SAT). A step is one
 * constraint or eight values looked at, so that a selector of thousands of them uses the budget up instead of the machine.
 */
export function coveredBy(a: Selector, union: readonly Selector[], budget: Budget): boolean | undefined {
  // What needs no search costs nothing: the selector itself, or everything, is among the union.
  if (union.some((member) => member.text === a.text || isEverything(member))) return true;
  return boxCovered(a, union, budget);
}

/** Whether each of the connections is among at least one of the union. Exact, or `undefined`, as coveredBy. */
export function connectionsCoveredBy(
  connections: Connections,
  union: readonly Connections[],
  budget: Budget,
): boolean | undefined {
  return boxCovered(boxOf(connections), union.map(boxOf), budget);
}

/** All three at once: their keys are told apart by what they are of. */
function boxOf({ subjects, namespaces, pods }: Connections): Box {
  const constraints = new Map<string, Constraint>();
  for (const [key, constraint] of subjects.constraints) constraints.set(`subject ${key}`, constraint);
  for (const [key, constraint] of namespaces.constraints) constraints.set(`namespace ${key}`, constraint);
  for (const [key, constraint] of pods.constraints) constraints.set(`pod ${key}`, constraint);
  return { domain: "connections", constraints };
}

function boxCovered(a: Box, union: readonly Box[], budget: Budget): boolean | undefined {
  if (!satisfiable(a)) return true;
  if (escapes(a, union, budget)) return false;
  if (!budget.spend(1 + union.reduce((sum, member) => sum + 1 + workBeside(a, member), 0))) return undefined;
  if (union.some((member) => implies(a, member))) return true;
  const relevant = union.filter((member) => overlaps(a, member));
  relevant.sort((x, y) => x.constraints.size - y.constraints.size);
  const [first, ...rest] = relevant;
  if (first === undefined) return false;
  return eachPieceCovered(a, first, rest, budget);
}

/**
 * Whether none of the union selects the plainest thing that `a` selects: one with a value that nobody names for every key,
 * or without any, as far as `a` lets it. One pass finds it where a search would use the budget up before it comes there:
 * hundreds of names do not add up to everything.
 */
function escapes(a: Box, union: readonly Box[], budget: Budget): boolean {
  budget.tick(1 + union.length);
  return plainest.some((state) => !union.some((member) => selectsPlainest(member, a, state)));
}

const plainest = ["unnamed", "absent"] as const;

function selectsPlainest(member: Box, a: Box, state: (typeof plainest)[number]): boolean {
  for (const [key, constraint] of member.constraints) {
    const { absent, complement, values } = a.constraints.get(key) ?? universe(a.domain, key);
    if (absent && (state === "absent" || (!complement && values.length === 0))) {
      if (!constraint.absent) return false;
    } else if (complement) {
      if (!constraint.complement) return false;
    } else if (!allows(constraint, state === "absent" ? values.at(-1) : values[0])) return false;
  }
  return true;
}

/** Steps of holding the constraints of `b` against those of `a`; lists as long as most cost nothing more. */
function workBeside(a: Box, b: Box): number {
  let steps = b.constraints.size;
  for (const [key, { values }] of b.constraints) {
    steps += (values.length + (a.constraints.get(key)?.values.length ?? 0)) >> 3;
  }
  return steps;
}

/** Steps of the budget that it takes to intersect a selector with another, as far as its own constraints go. */
export function intersectWork({ constraints }: Selector): number {
  let steps = constraints.size;
  for (const { values } of constraints.values()) steps += values.length >> 3;
  return steps;
}

/** What `a` selects and `b` does not, as disjoint pieces: for each key of `b`, those that fail there first. */
function eachPieceCovered(a: Box, b: Box, rest: readonly Box[], budget: Budget): boolean | undefined {
  let unknown = false;
  const inside = new Map(a.constraints);
  for (const [key, constraint] of b.constraints) {
    const before = inside.get(key) ?? universe(a.domain, key);
    const outside = both(before, opposite(constraint));
    if (!isImpossible(outside)) {
      if (!budget.spend(1 + inside.size + (outside.values.length >> 3))) return undefined;
      const piece = { domain: a.domain, constraints: new Map(inside).set(key, outside) };
      const answer = boxCovered(piece, rest, budget);
      if (answer === false) return false;
      unknown ||= answer === undefined;
    }
    inside.set(key, both(before, constraint));
  }
  return unknown ? undefined : true;
}
