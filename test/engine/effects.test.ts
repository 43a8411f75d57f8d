import { describe, expect, it } from "vitest";
import { effectOf, speaksUnder } from "#src/engine/effects.ts";
import type { Profile } from "#src/model/profile.ts";
import type { Rule, RuleProfile } from "#src/model/rule.ts";
import type { Effect } from "#src/model/verdict.ts";
import { finding, rule, type Shape } from "../support/rules.ts";
import { modes } from "../support/settings.ts";
import { policySubject } from "../support/subjects.ts";

type Labels = Partial<Record<"enforce" | "warn" | "audit", Profile>>;

interface Case {
  readonly dryRun?: boolean;
  readonly operation?: "CREATE" | "UPDATE" | "DELETE";
  readonly introduced?: boolean;
}

function effect(judging: Rule, labels: Labels, { introduced = true, ...request }: Case = {}): Effect {
  const facts = { introduced, modes: speaksUnder(judging, modes(labels)), subject: policySubject(request) };
  return effectOf(judging, finding(), facts);
}

describe("what a finding comes to under a namespace's modes", () => {
  it.each<[RuleProfile, Labels, Effect]>([
    ["baseline", {}, "none"],
    ["baseline", { enforce: "baseline" }, "deny"],
    ["baseline", { enforce: "restricted" }, "deny"],
    ["baseline", { warn: "baseline" }, "warn"],
    ["baseline", { audit: "baseline" }, "audit"],
    ["baseline", { warn: "restricted", audit: "restricted" }, "warn"],
    ["baseline", { enforce: "baseline", warn: "baseline", audit: "baseline" }, "deny"],
    ["restricted", { enforce: "baseline" }, "none"],
    ["restricted", { enforce: "baseline", warn: "restricted" }, "warn"],
    ["restricted", { enforce: "baseline", audit: "restricted" }, "audit"],
    ["restricted", { enforce: "restricted" }, "deny"],
    ["advisory", { enforce: "restricted" }, "none"],
    ["advisory", { enforce: "restricted", warn: "baseline" }, "warn"],
    ["advisory", { audit: "baseline" }, "audit"],
    ["guard", {}, "deny"],
    ["guard", { enforce: "restricted" }, "deny"],
  ])("%s under %j: %s", (profile, labels, wanted) => {
    expect(effect(rule({ profile }), labels)).toBe(wanted);
  });

  it.each<[string, Shape, Case, Effect]>([
    ["stood before", {}, { introduced: false, operation: "UPDATE" }, "warn"],
    ["is curable", { curable: true }, {}, "deny"],
    ["is curable, on a dry run", { curable: true }, { dryRun: true }, "warn"],
    ["is not curable, on a dry run", {}, { dryRun: true }, "deny"],
    ["is of the set, on CREATE", { judges: "set" }, {}, "deny"],
    ["is of the set, on DELETE", { judges: "set" }, { operation: "DELETE" }, "warn"],
    ["is of the object, on DELETE", {}, { operation: "DELETE" }, "deny"],
  ])("a finding that enforcement would deny and that %s", (_, shape, request, wanted) => {
    expect(effect(rule(shape), { enforce: "baseline" }, request)).toBe(wanted);
  });

  it.each<[Labels, Effect]>([
    [{}, "warn"],
    [{ enforce: "restricted" }, "warn"],
    [{ audit: "baseline" }, "warn"],
  ])("an advisory rule that speaks everywhere, under %j: %s", (labels, wanted) => {
    expect(effect({ ...rule({ profile: "advisory" }), everywhere: true }, labels)).toBe(wanted);
  });

  it.each<[Labels, Effect]>([
    [{}, "warn"],
    [{ audit: "baseline" }, "warn"],
    [{ enforce: "baseline" }, "deny"],
  ])("a baseline rule that speaks everywhere, under %j: %s", (labels, wanted) => {
    expect(effect({ ...rule(), everywhere: true }, labels)).toBe(wanted);
  });

  it("an old finding is silent where nothing but patch is asked", () => {
    expect(effect(rule(), {}, { introduced: false })).toBe("none");
  });

  it("an advisory message of a baseline rule never denies", () => {
    const advisory = rule({ message: { advisory: true } });
    expect(effect(advisory, { enforce: "restricted" })).toBe("none");
    expect(effect(advisory, { enforce: "baseline", warn: "baseline" })).toBe("warn");
    expect(effect(advisory, { enforce: "baseline", audit: "baseline" })).toBe("audit");
  });

  it("a guard denies on a dry run too, and only warns by an advisory message", () => {
    expect(effect(rule({ profile: "guard", curable: false }), {}, { dryRun: true })).toBe("deny");
    expect(effect(rule({ profile: "guard", message: { advisory: true } }), {})).toBe("warn");
  });
});

describe("versions", () => {
  const newer = rule({ since: "v2" });

  it("a namespace pinned to an older version does not hear of a newer rule", () => {
    expect(speaksUnder(newer, modes({ enforce: "restricted" }, { enforce: "v1" }))).toEqual([]);
    expect(speaksUnder(rule(), modes({ enforce: "restricted" }, { enforce: "v1" }))).toEqual(["enforce"]);
    expect(speaksUnder(newer, modes({ enforce: "restricted" }, { enforce: "latest" }))).toEqual(["enforce"]);
  });

  it("each mode has its own", () => {
    const pinned = modes({ enforce: "baseline", warn: "baseline" }, { enforce: "v1" });
    expect(speaksUnder(newer, pinned)).toEqual(["warn"]);
  });

  it("guards speak whatever is pinned", () => {
    expect(speaksUnder(rule({ profile: "guard", since: "v2" }), modes({}, { enforce: "v1" }))).toEqual([
      "enforce",
      "warn",
      "audit",
    ]);
  });
});
