import { median } from "../bench/statistics.ts";

/** What the last third may have more than the middle third, as a share and in MiB; both must be exceeded. */
const toleratedShare = 0.05;
const toleratedMiB = 4;

/** Memory that grows and never goes back, in MiB. */
export interface Growth {
  readonly middle: number;
  readonly last: number;
  readonly grows: boolean;
}

/**
 * Compares the medians of the middle and of the last third of samples taken at even distances. The first third is left
 * out: caches fill and code is compiled. Undefined with fewer than three samples.
 */
export function growthOf(samples: readonly number[]): Growth | undefined {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return undefined;
  const middle = median(samples.slice(-2 * third, -third));
  const last = median(samples.slice(-third));
  const more = last - middle;
  return { middle, last, grows: more > toleratedMiB && more > middle * toleratedShare };
}
