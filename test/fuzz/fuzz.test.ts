import { describe, expect, it } from "vitest";
import { Random } from "./random.ts";
import { Fuzz, type Outcome } from "./run.ts";

const seed = 20_260_630;
const count = 5_000;

describe("random objects through parse, compile, evaluate and respond", () => {
  it(`${count} of them are all answered, and in every way`, { timeout: 120_000 }, async () => {
    const fuzz = new Fuzz(seed);
    const seen = new Map<Outcome, number>();
    for (let index = 0; index < count; index += 1) {
      const outcome = await fuzz.run(index);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    for (const outcome of ["refused", "allowed", "denied", "patched"] as const) {
      expect(seen.get(outcome) ?? 0).toBeGreaterThan(count / 100);
    }
  });

  it("an object depends on the seed and its index alone", async () => {
    const all: Outcome[] = [];
    const inOrder = new Fuzz(seed);
    for (let index = 0; index < 50; index += 1) all.push(await inOrder.run(index));
    for (const index of [49, 7, 23]) expect(await new Fuzz(seed).run(index)).toBe(all[index]);
  });

  it("choices are spread and differ from seed to seed", () => {
    const draw = (of: number) => {
      const random = new Random(of, 0);
      return Array.from({ length: 100 }, () => random.below(10));
    };
    expect(new Set(draw(1)).size).toBe(10);
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).toEqual(draw(1));
  });
});
