import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readStrict } from "#src/document/strict-yaml.ts";

const schema = z.strictObject({ names: z.array(z.string()).optional(), more: z.unknown().optional() });
const untrusted = { aliases: false };

/** As people see it: `2:3 what is wrong`. */
function flawsOf(text: string, bounds?: typeof untrusted): string[] {
  const { flaws = [] } = readStrict(text, schema, { whole: "the text", content: "names" }, bounds);
  return flaws.map(({ line, column, text: says }) => `${line}:${column} ${says}`);
}

describe("a document that is nested too deep", () => {
  const deep = (opening: string, closing: string, levels: number): string =>
    `more: ${opening.repeat(levels)}${closing.repeat(levels)}`;

  test.each([
    ["lists", deep("[", "]", 100_000)],
    ["mappings", deep("{a: ", "}", 100_000)],
    ["lists that are not closed", deep("[", "", 100_000)],
    ["keys that are lists", deep("? [", "", 50_000)],
    ["lines", Array.from({ length: 400 }, (_, level) => `${" ".repeat(level)}more:`).join("\n")],
  ])("by %s is refused before it is read", (_, text) => {
    expect(flawsOf(text)).toEqual([expect.stringMatching(/^\d+:\d+ this is nested deeper than 50 levels$/)]);
  });

  test("is told where it becomes too deep", () => {
    expect(flawsOf(`more: ${"[".repeat(60)}${"]".repeat(60)}`)).toEqual([
      "1:56 this is nested deeper than 50 levels",
    ]);
    expect(flawsOf(`more: ${"[".repeat(49)}${"]".repeat(49)}`)).toEqual([]);
  });
});

describe("where texts are not trusted", () => {
  test("aliases are refused at the first of them, anchors without aliases are not", () => {
    expect(flawsOf("names: &a [x]\nmore: [1, *a, *a]", untrusted)).toEqual([
      "2:11 aliases are not read here; write what it stands for once more",
    ]);
    expect(flawsOf("names: &a [x]", untrusted)).toEqual([]);
    expect(flawsOf("names: &a [x]\nmore: [1, *a, *a]")).toEqual([]);
  });
});

describe("of a document with very many flaws the first hundred are told", () => {
  const many = (item: (index: number) => string): string =>
    Array.from({ length: 5_000 }, (_, index) => item(index)).join("\n");

  test.each([
    ["unknown keys", many((index) => `k${index}: 1`), "1:1 k0: is not known here; allowed keys: names, more"],
    ["keys that stand twice", many(() => "more: 1"), "2:1 this key stands twice in one mapping"],
    [
      "values of another type",
      `names:\n${many(() => "- 1")}`,
      "2:3 names[0]: must be a string, not 1; put it in quotes",
    ],
    ["unknown tags", `more:\n${many(() => "- !x 1")}`, "2:3 Unresolved tag: !x"],
    ["documents", many(() => "--- {}"), "2:5 a second document begins here; the text must hold one"],
  ])("%s", (_, text, first) => {
    const flaws = flawsOf(text, untrusted);
    expect(flaws[0]).toBe(first);
    expect(flaws.length).toBeLessThanOrEqual(100);
  });
});

describe("keys", () => {
  test("that stand twice are told at the second place, at any depth, however they are written", () => {
    expect(flawsOf('more: { "1": a, 1: b, x: { y: 1, z: 2, "y": 3 } }')).toEqual([
      "1:17 this key stands twice in one mapping",
      "1:40 this key stands twice in one mapping",
    ]);
    expect(flawsOf("&a names: [x]\n*a : [y]")).toEqual(["2:1 this key stands twice in one mapping"]);
  });

  test("named like members of every object are keys like others", () => {
    expect(flawsOf("more: { constructor: 1, __proto__: 2, toString: 3 }")).toEqual([]);
    expect(flawsOf("more: { __proto__: 1, __proto__: 2 }")).toHaveLength(1);
  });
});
