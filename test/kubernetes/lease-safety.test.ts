import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { LeaseWorld, type CandidateOptions, type Fate } from "../support/lease-world.ts";

/** Requests that come at once, late, twice too late, or never; answers likewise. */
const travel = fc.oneof(
  { weight: 6, arbitrary: fc.constant<number | undefined>(5) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const fates = fc.array(fc.record<Fate>({ there: travel, back: travel }), { minLength: 1, maxLength: 40 });
const pauses = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 40_000 })), { maxLength: 4 })
  .map((gaps) => {
    let at = 0;
    return gaps.map(([after, length]): [number, number] => {
      const from = at + after;
      at = from + length;
      return [from, at];
    });
  });

interface Drawn extends Pick<CandidateOptions, "pauses"> {
  readonly offset: number;
  readonly rate: number;
  readonly fates: readonly Fate[];
  readonly randoms: readonly number[];
  readonly joins: number;
  readonly stops: number | undefined;
}

const candidate: fc.Arbitrary<Drawn> = fc.record({
  offset: fc.integer({ min: -1e9, max: 1e9 }),
  // Clocks that differ by a fifth: hold and duration differ by a half.
  rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  pauses,
  fates,
  randoms: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 5 }),
  joins: fc.integer({ min: 0, max: 20_000 }),
  stops: fc.option(fc.integer({ min: 20_000, max: 100_000 }), { nil: undefined }),
});

/** The items one after the other, and from the beginning again. */
function around<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => {
    const item = items[next % items.length];
    next += 1;
    if (item === undefined) throw new Error("no items");
    return item;
  };
}

test.prop([fc.array(candidate, { minLength: 2, maxLength: 3 })], { numRuns: 100 })(
  "never do two hold the lease at one time, whatever their clocks, pauses and connections; in the end one does",
  async (drawn) => {
    const world = new LeaseWorld();
    let calm = false;
    drawn.forEach(({ fates: own, randoms, joins, stops, ...options }, index) => {
      const fate = around(own);
      world.at(joins, () => {
        const joined = world.join({
          ...options,
          identity: `candidate-${index}`,
          fate: () => (calm ? { there: 5, back: 5 } : fate()),
          random: around(randoms),
        });
        if (stops !== undefined && index > 0) world.at(stops, () => joined.stop());
      });
    });
    const look = (): void =>
      expect(world.holders().length, world.holders().join(" and ")).toBeLessThanOrEqual(1);
    await world.run(150_000, look);
    calm = true;
    // What was on its way, pauses, and a lease that is not given back.
    await world.run(420_000, look);
    expect(world.holders()).toHaveLength(1);
  },
  120_000,
);
