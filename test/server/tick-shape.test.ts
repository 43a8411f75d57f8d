import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { keepTickShape } from "#src/server/tick-shape.ts";
import { ticksOf } from "./ticks.ts";

test("one tick is kept through full collections, until its holder is closed", async () => {
  const holder = new EventEmitter();
  const { ticks } = await ticksOf(() => {
    keepTickShape(holder);
    process.nextTick(() => undefined);
  });
  expect(ticks.made).toBe(2);
  expect(await ticks.left()).toBe(1);
  holder.emit("close");
  expect(await ticks.left()).toBe(0);
});
