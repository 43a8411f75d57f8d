import type { Budget } from "./budget.ts";
import type { CoverContext, Opening } from "./opening.ts";
import { peerCover } from "./peer-cover.ts";
import { cutsOf, holdsAtom, portAtoms } from "./port-atoms.ts";
import type { PortAtom } from "./port-atoms.ts";
import type { Protocol } from "./ports.ts";
import { overlaps } from "./selector.ts";

/**
 * Whether everything that this opens is opened by the others together, for pods and namespaces that do not exist yet as
 * well. No peers are covered by no peers alone, selectors by selectors and ranges by ranges; where peers are pods of its
 * own namespace, that has the labels that it has now. Never wrong; `undefined` where it may depend on the named ports of
 * pods, or the budget was used up.
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
  const left = new Left();
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
      if (!mayHold(atom, possible, sure, near) || covered(possible) === false) return false;
      left.add(atom, sure);
    }
    unknown = true;
  }
  if (!unknown) return true;
  return left.outnumberNames(near, budget) ? false : undefined;
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

/** Whether those that may hold a piece besides may hold all of it: on one pod a name stands for one number. */
function mayHold(
  atom: PortAtom,
  possible: readonly number[],
  sure: readonly number[],
  openings: readonly Opening[],
): boolean {
  if (possible.length === sure.length) return false;
  if (atom.kind !== "numbers") return true;
  const names = new Set<string>();
  for (const place of possible) {
    const ports = openings[place]?.entry.ports;
    if (ports === undefined || ports === "any") continue;
    for (const name of ports[atom.protocol].names) if (names.add(name).size === widthOf(atom)) return true;
  }
  return false;
}

/** About a millisecond. */
const mostLooks = 50_000;

/** The numbers that those that hold them for certain do not open, but others may, by the names of ports. */
class Left {
  readonly #bySure = new Map<string, { protocol: Protocol; sure: readonly number[]; numbers: number }>();

  add(atom: PortAtom, sure: readonly number[]): void {
    if (atom.kind !== "numbers") return;
    const key = `${atom.protocol} ${sure.join(" ")}`;
    const numbers = (this.#bySure.get(key)?.numbers ?? 0) + widthOf(atom);
    this.#bySure.set(key, { protocol: atom.protocol, sure, numbers });
  }

  /**
   * Whether there are more of them than names. What these do not open, fewer of them do not open either: so what fewer of
   * them hold is to be opened between the same two, and the names stand for one number each there. False past a bound of
   * its own: it is asked as well where the budget ended the search, since few numbers often tell.
   */
  outnumberNames(openings: readonly Opening[], budget: Budget): boolean {
    const all = [...this.#bySure.values()];
    let left = mostLooks;
    return all.some(({ protocol, sure }) => {
      const looks = (1 + all.length) * (1 + sure.length) + openings.length;
      left -= looks;
      if (left < 0) return false;
      budget.tick(looks);
      budget.spend(looks >> 4);
      const these = new Set(sure);
      const names = openings.flatMap(({ entry: { ports } }, place) =>
        ports === "any" || these.has(place) ? [] : ports[protocol].names,
      );
      const fewer = all.filter(
        (one) => one.protocol === protocol && one.sure.every((place) => these.has(place)),
      );
      return fewer.reduce((sum, { numbers }) => sum + numbers, 0) > new Set(names).size;
    });
  }
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
