import { describe, expect, it } from "vitest";
import { fill, parseTemplate } from "#src/engine/templates.ts";

describe("fill", () => {
  it.each([
    ["{{a}} and {{b}}", { a: 1, b: "two" }, "1 and two"],
    // A placeholder without its value is a bug of the rule, and stays visible.
    ["{{a}} and {{c}}", { a: 1 }, "1 and {{c}}"],
    ["{{constructor}}", {}, "{{constructor}}"],
    // As do brackets that nothing closes, and what is between two names.
    ["{{a}} and {{b", { a: 1, b: 2 }, "1 and {{b"],
    ["}}{{a}}\n{{{b}}", { a: 1, b: 2 }, "}}1\n{{{b}}"],
    ["{{a\nb}}{{}}", { "a\nb": 1 }, "1{{}}"],
    // What came from the user is not a template.
    ["{{a}}{{b}}", { a: "{{b}}", b: "$& $1" }, "{{b}}$& $1"],
  ])("%j with %j", (template, data, text) => {
    expect(fill(parseTemplate(template), data as Record<string, string | number>)).toBe(text);
  });
});
