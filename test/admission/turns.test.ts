import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { inTurns } from "#src/admission/turns.ts";

test("what comes in one turn is worked on in the order it came, in a row, and once", async () => {
  const worked: number[] = [];
  const turns = inTurns<number>((items) => worked.push(...items));
  turns.add(1);
  turns.add(2);
  expect(worked).toEqual([]);
  await turn();
  expect(worked).toEqual([1, 2]);
  await turn();
  expect(worked).toEqual([1, 2]);
});

test("what is added while others are worked on waits for the next turn", async () => {
  const worked: number[] = [];
  const turns = inTurns<number>((items) => {
    worked.push(...items);
    if (items.includes(1)) turns.add(2);
  });
  turns.add(1);
  turns.flush();
  expect(worked).toEqual([1]);
  await turn();
  expect(worked).toEqual([1, 2]);
});
