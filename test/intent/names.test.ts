import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { byPods } from "#src/intent/by-pods.ts";
import { nameOfLabels, readable } from "#src/intent/names.ts";

const key = fc.constantFrom("app", "tier", "example.com/x");
const labels = fc.dictionary(key, fc.stringMatching(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?)?$/), {
  minKeys: 1,
  maxKeys: 3,
});
const turned = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).reverse());

test.prop([fc.string({ unit: "binary", maxLength: 80 })])(
  "what is readable is a part of a name, whatever it is made of",
  (text) => {
    expect(readable(text)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(readable(text).length).toBeLessThanOrEqual(40);
  },
);

test.prop([labels, labels])(
  "labels have one name, however they are ordered, and others have another",
  (one, other) => {
    expect(nameOfLabels(turned(one))).toBe(nameOfLabels(one));
    const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
    expect(nameOfLabels(one) === nameOfLabels(other)).toBe(same);
  },
);

test("labels that read alike are told apart by all of them", () => {
  const names = [{ app: "a-b" }, { app: "a", tier: "b" }, { tier: "a-b" }, { app: "A.b" }].map(nameOfLabels);
  expect(new Set(names).size).toBe(4);
  expect(names.every((name) => /^a-b-[0-9a-f]{6}$/.test(name))).toBe(true);
});

test.prop([fc.array(fc.option(labels, { nil: undefined }), { maxLength: 8 })])(
  "items of the same pods come together, those of all pods first, none is lost",
  (given) => {
    const items = given.map((of, index) => ({ of, index }));
    const groups = byPods("allow", items, ({ of }) => of);
    expect(groups.flatMap((group) => group.items.map(({ index }) => index)).sort((a, b) => a - b)).toEqual(
      items.map(({ index }) => index),
    );
    expect(new Set(groups.map(({ purpose }) => purpose)).size).toBe(groups.length);
    for (const { labels: of, items: grouped } of groups) {
      for (const item of grouped) expect(item.of).toEqual(of);
    }
    expect(groups.findIndex(({ labels: of }) => of === undefined)).toBeLessThanOrEqual(0);
    const again = byPods("allow", [...items].reverse(), ({ of }) => of && turned(of));
    expect(again.map(({ purpose }) => purpose)).toEqual(groups.map(({ purpose }) => purpose));
  },
);
