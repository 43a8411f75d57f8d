import { Registry } from "@prometheus-io/client";
import { expect, it } from "vitest";
import { tally } from "#src/telemetry/tally.ts";

const counted = { name: "seen_total", help: "What was seen", labelNames: ["what", "where"] };

async function lines(registry: Registry): Promise<string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

it("counts each set of values by itself, from one reading to the next", async () => {
  const registry = new Registry();
  const add = tally(registry, counted);
  expect(await lines(registry)).toEqual([]);
  add("a", "b");
  add("a", "c");
  add("a", "b");
  const first = ['seen_total{what="a",where="b"} 2', 'seen_total{what="a",where="c"} 1'];
  expect(await lines(registry)).toEqual(first);
  expect(await lines(registry)).toEqual(first);
  add("b", "a");
  add("a", "c");
  expect(await lines(registry)).toEqual([
    'seen_total{what="a",where="b"} 2',
    'seen_total{what="a",where="c"} 2',
    'seen_total{what="b",where="a"} 1',
  ]);
});

it("takes every text for a value", async () => {
  const registry = new Registry();
  const add = tally(registry, counted);
  for (const text of ["", "__proto__", "|"]) add(text, text);
  expect(await lines(registry)).toEqual([
    'seen_total{what="",where=""} 1',
    'seen_total{what="__proto__",where="__proto__"} 1',
    'seen_total{what="|",where="|"} 1',
  ]);
});
