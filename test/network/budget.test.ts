import { expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";

it("gives so many steps and no more", () => {
  const budget = workBudget(3);
  expect([budget.spend(), budget.spend(2), budget.spend()]).toEqual([true, true, false]);
  expect(workBudget(3).spend(4)).toBe(false);
  expect(workBudget(0).spend(0)).toBe(true);
});

it("looks at the time for each thousand things that were counted, and not for steps", () => {
  let looks = 0;
  const budget = workBudget(1, () => (looks += 1));
  for (let i = 0; i < 999; i += 1) budget.tick();
  budget.spend(5_000);
  expect(looks).toBe(0);
  budget.tick();
  expect(looks).toBe(1);
  for (let i = 0; i < 10; i += 1) budget.tick(100);
  expect(looks).toBe(2);
  budget.tick(50_000);
  expect(looks).toBe(3);
});

it("goes no further where the time is used up", () => {
  const budget = workBudget(1, () => {
    throw new Error("used up");
  });
  expect(() => {
    for (;;) budget.tick();
  }).toThrow("used up");
});
