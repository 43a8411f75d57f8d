import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { Kind } from "#src/view/kind.ts";
import type { ObjectMeta } from "#src/wire/meta.ts";

interface Thing {
  metadata: ObjectMeta;
  value?: number;
}

interface Change {
  readonly name: string;
  readonly before: { value: number } | undefined;
  readonly after: { value: number } | undefined;
}

function kindOfThings(): { kind: Kind<Thing, { value: number }>; changes: Change[]; settled: boolean[] } {
  const changes: Change[] = [];
  const settled: boolean[] = [];
  const kind: Kind<Thing, { value: number }> = new Kind<Thing, { value: number }>({
    read: ({ value }) => (value === undefined ? undefined : { value }),
    changed: (namespace, name, before, after) =>
      changes.push({ name: `${namespace}/${name}`, before, after }),
    settled: () => settled.push(kind.known),
  });
  return { kind, changes, settled };
}

const thing = (namespace: string, name: string, value?: number): Thing => ({
  metadata: { namespace, name },
  ...(value !== undefined && { value }),
});

test("what did not come again is gone at the end of a list, and served until then", () => {
  const { kind, changes } = kindOfThings();
  for (const name of ["a", "b"]) kind.upsert(thing("x", name, 1));
  kind.replaceBegin();
  kind.upsert(thing("x", "b", 2));
  kind.upsert(thing("y", "c", 3));
  expect(kind.get("x", "a")).toEqual({ value: 1 });
  expect(kind.get("x", "b")).toEqual({ value: 2 });
  kind.replaceDone();
  expect([...kind.in("x").keys()]).toEqual(["b"]);
  expect([...kind.in("y").keys()]).toEqual(["c"]);
  expect(changes.at(-1)).toEqual({ name: "x/a", before: { value: 1 }, after: undefined });
});

test("what came in a list that failed half way goes with the next one", () => {
  const { kind } = kindOfThings();
  kind.replaceBegin();
  kind.upsert(thing("x", "a", 1));
  kind.replaceBegin();
  kind.upsert(thing("x", "b", 1));
  kind.replaceDone();
  expect([...kind.in("x").keys()]).toEqual(["b"]);
});

test("an object of which nothing is kept any more is gone", () => {
  const { kind, changes } = kindOfThings();
  kind.upsert(thing("x", "a", 1));
  kind.upsert(thing("x", "a"));
  kind.upsert(thing("x", "b"));
  expect(kind.get("x", "a")).toBeUndefined();
  expect(changes).toHaveLength(2);
});

test("it is known from the first complete list on, but for the time when it may not be read", () => {
  const { kind, settled } = kindOfThings();
  kind.replaceBegin();
  kind.upsert(thing("x", "a", 1));
  expect(kind.known).toBe(false);
  kind.replaceDone();
  kind.unreadable();
  kind.unreadable();
  expect(kind.known).toBe(false);
  kind.replaceBegin();
  kind.replaceDone();
  kind.replaceBegin();
  kind.replaceDone();
  expect(settled).toEqual([true, false, true]);
  expect(kind.get("x", "a")).toBeUndefined();
});

const place = fc.tuple(fc.constantFrom("x", "y"), fc.constantFrom("a", "b", "constructor", "__proto__"));

test.prop([
  fc.array(
    fc.oneof(
      fc.record({ call: fc.constant("upsert" as const), place, value: fc.nat(3) }),
      fc.record({ call: fc.constant("remove" as const), place }),
      fc.record({ call: fc.constant("list" as const), places: fc.uniqueArray(place, { selector: String }) }),
    ),
  ),
])("holds what a plain map would hold, and every change of it is told", (steps) => {
  const { kind, changes } = kindOfThings();
  const told = new Map<string, number>();
  const expected = new Map<string, number>();
  for (const step of steps) {
    if (step.call === "upsert") {
      kind.upsert(thing(...step.place, step.value));
      expected.set(step.place.join("/"), step.value);
    } else if (step.call === "remove") {
      kind.remove(thing(...step.place));
      expected.delete(step.place.join("/"));
    } else {
      kind.replaceBegin();
      for (const listed of step.places) kind.upsert(thing(...listed, 9));
      kind.replaceDone();
      expected.clear();
      for (const listed of step.places) expected.set(listed.join("/"), 9);
    }
  }
  for (const { name, after } of changes) {
    if (after === undefined) told.delete(name);
    else told.set(name, after.value);
  }
  const held = ["x", "y"].flatMap((namespace) =>
    [...kind.in(namespace)].map(([name, { value }]) => [`${namespace}/${name}`, value] as const),
  );
  expect(new Map(held)).toEqual(expected);
  expect(told).toEqual(expected);
});
