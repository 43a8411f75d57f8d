import type { CoverContext, Opening } from "./opening.ts";
import { peerCover } from "./peer-cover.ts";
import { cutsOf, holdsAtom, portAtoms } from "./port-atoms.ts";
import type { PortAtom } from "./port-atoms.ts";
import type { Protocol } from "./ports.ts";
import { overlaps } from "./selector.ts";

/**
 * Whether everything that this opens is opened by the others together, for pods and namespaces that do not exist yet as
 * well. No peers are covered by no peers alone, selectors by selectors and ranges by ranges; where peers are pods of its
 * own namespace, that has the labels that it has now. Exact; `undefined` where it depends on the named ports of pods, or
 * the budget was used up.
 */
export function openingCovered(
  opening: Opening,
  others: readonly Opening[],
  context: CoverContext,
): boolean | undefined {
  const { budget } = context;
  budget.tick(others.length);
  if (!budget.spend(1 + (others.length >> 5))) return undefined;
  const near = others.filter(({ subject }) => overlaps(subject, opening.subject));
  const sets = near.map(({ entry }) => entry.ports);
  if (!budget.spend(cutsOf(sets) >> 5)) return undefined;
  const covered = peerCover(opening, near, context);
  const left: Left[] = [];
  let unknown = false;
  for (const atom of portAtoms(opening.entry.ports, sets).toSorted(byWidth)) {
    if (!budget.spend(1 + (near.length >> 4))) {
      unknown = true;
      break;
    }
    const { sure, possible } = holding(atom, near, context);
    const bySure = covered(sure);
    if (bySure === true) continue;
    if (bySure === false) {
      if (possible.length === sure.length || covered(possible) === false) return false;
      if (atom.kind === "numbers") left.push({ protocol: atom.protocol, numbers: widthOf(atom), sure });
    }
    unknown = true;
  }
  if (!unknown) return true;
  return outnumberNames(left, near, context) ? false : undefined;
}

/** The most ports first: what is left when the budget is used up is little. */
function byWidth(a: PortAtom, b: PortAtom): number {
  return widthOf(b) - widthOf(a);
}

function widthOf(atom: PortAtom): number {
  if (atom.kind === "rest") return Infinity;
  return atom.kind === "name" ? 1 : atom.interval[1] - atom.interval[0] + 1;
}

/** By their places, those that hold a piece of the ports for certain, and those that may hold it as well. */
function holding(
  atom: PortAtom,
  openings: readonly Opening[],
  { namesAsWritten }: Pick<CoverContext, "namesAsWritten">,
): { readonly sure: readonly number[]; readonly possible: readonly number[] } {
  const sure: number[] = [];
  const possible: number[] = [];
  for (const [place, { entry }] of openings.entries()) {
    const answer = holdsAtom(entry.ports, atom);
    if (answer === true) sure.push(place);
    if (answer !== false) possible.push(place);
  }
  return namesAsWritten === true ? { sure, possible: sure } : { sure, possible };
}

/** So many port numbers that those that hold them for certain do not open, but others may, by the names of ports. */
interface Left {
  readonly protocol: Protocol;
  readonly numbers: number;
  readonly sure: readonly number[];
}

/**
 * Whether there are more numbers than names. On one pod a name stands for one number, and what these do not open, fewer of
 * them do not open either: so the numbers that fewer of them hold are to be opened on the same pod.
 */
function outnumberNames(
  left: readonly Left[],
  openings: readonly Opening[],
  { budget }: Pick<CoverContext, "budget">,
): boolean {
  const asked = new Set<string>();
  return left.some(({ protocol, sure }) => {
    const key = `${protocol} ${sure.join(" ")}`;
    if (asked.has(key)) return false;
    asked.add(key);
    budget.tick(left.length + openings.length);
    const these = new Set(sure);
    const names = new Set<string>();
    for (const [place, { entry }] of openings.entries()) {
      if (entry.ports === "any" || these.has(place)) continue;
      for (const name of entry.ports[protocol].names) names.add(name);
    }
    let numbers = 0;
    for (const other of left) {
      if (other.protocol !== protocol || !other.sure.every((place) => these.has(place))) continue;
      numbers += other.numbers;
    }
    return numbers > names.size;
  });
}

/** One of the openings that is not within a ceiling; not `certain` where that depends on named ports of pods. */
export interface Excess<O extends Opening> {
  readonly opening: O;
  readonly certain: boolean;
}

/** Which of the openings exceed the ceiling: what they open, the ceiling's together do not. */
export function exceeding<O extends Opening>(
  openings: readonly O[],
  ceiling: readonly Opening[],
  context: CoverContext,
): readonly Excess<O>[] {
  return openings.flatMap((opening) => {
    const covered = openingCovered(opening, ceiling, context);
    return covered === true ? [] : [{ opening, certain: covered === false }];
  });
}
