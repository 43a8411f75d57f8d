import { describe, expect, it } from "vitest";
import { exceptionFor } from "#src/engine/exceptions.ts";
import type { Exception } from "#src/model/settings.ts";
import { settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";

const now = new Date("2026-06-30T18:00:00Z");

function excepted(name: string, change: Partial<Exception> = {}, rule = "example"): boolean {
  const exception: Exception = {
    rule: "example",
    namespace: "shop",
    policies: "*",
    reason: "vendor chart",
    ...change,
  };
  const subject = policySubject({ object: policy(undefined, { name }) });
  return exceptionFor(rule, subject, settingsWith({ exceptions: [exception] }), now) !== undefined;
}

describe("a configured exception", () => {
  it("is for one rule, one namespace and the policies it names", () => {
    expect(excepted("api")).toBe(true);
    expect(excepted("api", {}, "another")).toBe(false);
    expect(excepted("api", { namespace: "sho" })).toBe(false);
    expect(excepted("api", { namespace: "*" })).toBe(false);
  });

  it("ends with its last day, UTC", () => {
    expect(excepted("api", { until: "2026-06-30" })).toBe(true);
    expect(excepted("api", { until: "2026-06-29" })).toBe(false);
    expect(excepted("api", { until: "2026-02-31" })).toBe(false);
  });

  it.each([
    ["api", "api", true],
    ["api", "api-2", false],
    ["api-*", "api-2", true],
    ["api-*", "api-", true],
    ["api-*", "api", false],
    ["*-api", "shop-api", true],
    ["a*c", "abc", true],
    ["a*c", "ac", true],
    ["a*c", "a", false],
    ["aa*aa", "aaa", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a*bc*c", "abc", false],
    ["**", "x", true],
    // No regular expression: a dot is a dot.
    ["a.c", "abc", false],
    ["a.*", "a.b", true],
    ["[ab]*", "a", false],
    ["", "api", false],
  ])("%j and the policy %j: %s", (policies, name, matches) => {
    expect(excepted(name, { policies })).toBe(matches);
  });

  it("a pattern of many stars costs no time", () => {
    expect(excepted("a".repeat(253), { policies: `${"*a".repeat(100)}*b` })).toBe(false);
  });
});
