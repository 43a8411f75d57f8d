import { expect, test } from "vitest";
import { compileSelector } from "#src/network/selector.ts";
import { writtenSelector } from "#src/network/written-selector.ts";
import type { LabelSelector } from "#src/wire/meta.ts";

const written: LabelSelector[] = [
  {},
  { matchLabels: { app: "web", constructor: "x" } },
  { matchExpressions: [{ key: "app", operator: "In", values: ["a", "b"] }] },
  { matchExpressions: [{ key: "app", operator: "NotIn", values: ["a"] }] },
  { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] },
  {
    matchLabels: { tier: "front" },
    matchExpressions: [
      { key: "app", operator: "Exists" },
      { key: "app", operator: "NotIn", values: ["a"] },
    ],
  },
];

test.each(written)("%j is written as what it means", (selector) => {
  const compiled = compileSelector(selector, "pods");
  if (compiled === undefined) throw new Error("not read");
  expect(compileSelector(writtenSelector(compiled), "pods")?.text).toBe(compiled.text);
});

test("what selects nothing is not written", () => {
  const none = compileSelector(
    { matchLabels: { app: "a" }, matchExpressions: [{ key: "app", operator: "NotIn", values: ["a"] }] },
    "pods",
  );
  expect(none && writtenSelector(none)).toBeUndefined();
});
