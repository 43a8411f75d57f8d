import { expect, test } from "vitest";
import { RuleSet } from "#src/engine/rule-set.ts";
import { rule } from "../support/rules.ts";
import { settingsWith } from "../support/settings.ts";

test("a set's rules go with their options under the settings that are asked about, whatever was asked before", () => {
  const set = new RuleSet([rule({ id: "plain" }), rule({ id: "tuned" })]);
  const under = (tuned: unknown) => {
    const configured = set.under(settingsWith({ rules: new Map([["tuned", tuned]]) }));
    return configured.map(({ rule: { id }, options }) => [id, options]);
  };
  expect(under("once")).toEqual([
    ["plain", undefined],
    ["tuned", "once"],
  ]);
  expect(under("anew")).toEqual([
    ["plain", undefined],
    ["tuned", "anew"],
  ]);
});
