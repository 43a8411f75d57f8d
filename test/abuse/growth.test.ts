import { expect, test } from "vitest";
import { growthOf } from "./growth.ts";

test("what fills up in the first third and then stays does not grow", () => {
  expect(growthOf([20, 40, 60, 61, 60, 62, 61, 60, 62])).toEqual({ middle: 61, last: 61, grows: false });
});

test("what goes on rising grows, one high sample does not", () => {
  expect(growthOf([50, 55, 60, 65, 70, 75])?.grows).toBe(true);
  expect(growthOf([60, 60, 60, 60, 60, 60, 60, 60, 90])?.grows).toBe(false);
});

test("a share alone or a few MiB alone are tolerated", () => {
  expect(growthOf([10, 10, 13])?.grows).toBe(false);
  expect(growthOf([200, 200, 206])?.grows).toBe(false);
});

test("too few samples say nothing", () => {
  expect(growthOf([1, 2])).toBeUndefined();
});
