import { describe, expect, test } from "vitest";
import { createFights } from "#src/companions/fights.ts";

function fight() {
  const clock = { now: 0 };
  const fights = createFights(() => clock.now);
  const repair = (digest = "x", name = "ringfence-a"): number => {
    const delay = fights.delay("shop", name, digest);
    clock.now += delay;
    fights.written("shop", name, digest);
    return delay;
  };
  return { clock, fights, repair };
}
const isContested = ({ fights }: ReturnType<typeof fight>, name = "ringfence-a"): boolean =>
  fights.contested("shop", name);

describe("a companion that somebody else changes again and again", () => {
  test("is repaired at once a few times, then ever more slowly, up to once a minute", () => {
    const { repair } = fight();
    const delays = Array.from({ length: 14 }, () => repair());
    expect(delays.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(delays.slice(4)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map((seconds) => seconds * 1_000));
  });

  test("is contested from the third repair until it stood for a minute longer than its repair waited", () => {
    const world = fight();
    for (let times = 0; times < 3; times += 1) world.repair();
    expect([isContested(world), world.fights.untilPeace("shop")]).toEqual([false, undefined]);
    world.repair();
    expect([isContested(world), world.fights.untilPeace("shop")]).toEqual([true, 61_000]);
    world.clock.now += 60_999;
    expect(isContested(world)).toBe(true);
    world.clock.now += 1;
    expect([isContested(world), world.fights.untilPeace("shop")]).toEqual([false, undefined]);
    expect(world.repair()).toBe(0);
  });

  test("is written at once where something else is due, which begins anew", () => {
    const world = fight();
    for (let times = 0; times < 6; times += 1) world.repair();
    expect(world.fights.delay("shop", "ringfence-a", "x")).toBeGreaterThan(0);
    expect(world.repair("y")).toBe(0);
    expect([isContested(world), world.fights.delay("shop", "ringfence-a", "y")]).toEqual([false, 0]);
  });

  test("holds up neither another one nor one of its name elsewhere", () => {
    const world = fight();
    for (let times = 0; times < 6; times += 1) world.repair();
    expect(world.fights.delay("shop", "ringfence-b", "x")).toBe(0);
    expect(world.fights.delay("data", "ringfence-a", "x")).toBe(0);
    expect([isContested(world, "ringfence-b"), world.fights.contested("data", "ringfence-a")]).toEqual([
      false,
      false,
    ]);
  });

  test("is forgotten with its namespace, or when it is due no more", () => {
    for (const end of [
      (world: ReturnType<typeof fight>) => world.fights.forget("shop"),
      (world: ReturnType<typeof fight>) => world.fights.keep("shop", new Set(["ringfence-b"])),
    ]) {
      const world = fight();
      for (let times = 0; times < 6; times += 1) world.repair();
      world.fights.keep("shop", new Set(["ringfence-a"]));
      expect(isContested(world)).toBe(true);
      end(world);
      expect([isContested(world), world.fights.delay("shop", "ringfence-a", "x")]).toEqual([false, 0]);
    }
  });
});
