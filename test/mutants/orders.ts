import type { Random } from "../fuzz/random.ts";

/** Up to so many items every order is tried. */
const mostInFull = 4;
const shuffles = 6;

/** Every order of a few items; of more, each item first, each last, and some at random. */
export function ordersOf<T>(items: readonly T[], random: Random): T[][] {
  if (items.length <= mostInFull) return permutations(items);
  const rotations = items.map((_, at) => [...items.slice(at), ...items.slice(0, at)]);
  const reversed = rotations.map((order) => order.toReversed());
  return [...rotations, ...reversed, ...Array.from({ length: shuffles }, () => shuffled(items, random))];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

/** The items in an order that the random numbers choose. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.below(left.length), 1));
}
