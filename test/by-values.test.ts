import { expect, it } from "vitest";
import { ByValues } from "#src/by-values.ts";

it("makes one thing for each set of values, in their order, and keeps it", () => {
  const made: string[] = [];
  const things = new ByValues((values: readonly [string, string]) => {
    made.push(values.join("/"));
    return { values };
  });
  const first = things.get(["a", "b"]);
  expect(things.get(["b", "a"])).not.toBe(first);
  expect(things.get(["a", "b"])).toBe(first);
  expect(things.get(["__proto__", ""]).values).toEqual(["__proto__", ""]);
  expect(made).toEqual(["a/b", "b/a", "__proto__/"]);
  expect(things.all().map(({ values }) => values.join("/"))).toEqual(made);
});
