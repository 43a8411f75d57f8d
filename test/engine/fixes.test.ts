import { describe, expect, it } from "vitest";
import { repair, type RepairOptions } from "#src/engine/fixes.ts";
import type { Fix, Rule } from "#src/model/rule.ts";
import type { PolicySubject } from "#src/model/subject.ts";
import type { Verdict } from "#src/model/verdict.ts";
import { engineOf } from "../support/judging.ts";
import { finding, rule, type Shape } from "../support/rules.ts";
import { modes, settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

const noType = policy({ podSelector: {}, policyTypes: ["Ingress"] });

/** Asks for a type in policyTypes and appends it. */
function wants(type: string, shape: Shape = {}, operations?: Fix["operations"]): Rule<"NetworkPolicy"> {
  const lacks = ({ object }: PolicySubject) => object?.spec?.policyTypes?.includes(type) === false;
  return rule({
    id: `wants-${type.toLowerCase()}`,
    check: (subject) => (lacks(subject) ? [finding({ key: type })] : []),
    fix: {
      class: "narrowing",
      warning: `${type} was appended`,
      operations:
        operations ??
        ((subject) => [
          { op: "test", path: "/spec/policyTypes/0", value: subject.object?.spec?.policyTypes?.[0] },
          { op: "add", path: "/spec/policyTypes/-", value: type },
        ]),
    },
    ...shape,
  });
}

function repaired(
  rules: readonly Rule[],
  subject = policySubject({ object: noType }),
  change: Partial<RepairOptions> = {},
): Verdict {
  return repair(subject, engineOf(rules), {
    settings: settingsWith(),
    modes: modes({ patch: "restricted" }),
    expired: () => false,
    views: () => ({ after: knowsNothing, before: () => knowsNothing }),
    ...change,
  });
}

describe("repair", () => {
  it("puts the operations of all rules one behind the other, each on the outcome of the one before", () => {
    const seen: (string[] | undefined)[] = [];
    const second = wants("Second", {}, ({ object }) => {
      seen.push(object?.spec?.policyTypes);
      return [{ op: "add", path: "/spec/policyTypes/-", value: "Second" }];
    });
    const verdict = repaired([wants("First"), second]);
    expect(seen).toEqual([["Ingress", "First"]]);
    expect(verdict.patch).toEqual([
      { op: "test", path: "/spec/policyTypes/0", value: "Ingress" },
      { op: "add", path: "/spec/policyTypes/-", value: "First" },
      { op: "add", path: "/spec/policyTypes/-", value: "Second" },
    ]);
    expect(verdict.auditAnnotations).toEqual({ patched: "wants-first, wants-second" });
    expect(verdict.warnings).toEqual([
      "wants-first: patched: First was appended; correct the manifest: it differs from what is stored",
      "wants-second: patched: Second was appended; correct the manifest: it differs from what is stored",
    ]);
  });

  it("leaves the object of the request as it was", () => {
    const object = structuredClone(noType);
    repaired([wants("First")], policySubject({ object }));
    expect(object).toEqual(noType);
  });

  it("never denies and has no patch where nothing is to do", () => {
    const verdict = repaired([wants("Ingress"), rule()]);
    expect(verdict).toMatchObject({ allowed: true, warnings: [], auditAnnotations: {} });
    expect("patch" in verdict).toBe(false);
  });

  it.each<[string, Shape, Partial<RepairOptions>]>([
    [
      "of a profile that patch does not ask for",
      { profile: "restricted" },
      { modes: modes({ patch: "baseline" }) },
    ],
    [
      "newer than the pinned version",
      { since: "v2" },
      { modes: modes({ patch: "restricted" }, { patch: "v1" }) },
    ],
    ["where patch is off", {}, { modes: modes({ enforce: "restricted" }) }],
    ["where nothing is judged", {}, { settings: settingsWith({ enforcement: "off" }) }],
    [
      "of an exempt namespace",
      {},
      {
        settings: settingsWith({
          exemptions: { users: new Set(), groups: new Set(), namespaces: new Set(["shop"]) },
        }),
      },
    ],
    [
      "that is excepted",
      {},
      {
        settings: settingsWith({
          exceptions: [{ rule: "wants-first", namespace: "shop", policies: "*", reason: "vendor chart" }],
        }),
      },
    ],
    ["that lacks what it needs to know", { needs: ["dns"] }, {}],
  ])("repairs nothing %s", (_, shape, change) => {
    expect("patch" in repaired([wants("First", shape)], policySubject({ object: noType }), change)).toBe(
      false,
    );
  });

  it("repairs what the request brings, not what stood before", () => {
    const changed = policy({ podSelector: { matchLabels: { app: "x" } }, policyTypes: ["Ingress"] });
    const old = policySubject({ operation: "UPDATE", object: changed, oldObject: noType });
    expect("patch" in repaired([wants("First")], old)).toBe(false);
    const whole = policy({ podSelector: {}, policyTypes: ["Ingress", "First"] });
    const brought = policySubject({ operation: "UPDATE", object: noType, oldObject: whole });
    expect(repaired([wants("First")], brought).patch).toHaveLength(2);
  });

  it("has no patch for a DELETE", () => {
    const always = wants("First", { operations: ["CREATE", "UPDATE", "DELETE"], check: () => [finding()] });
    expect("patch" in repaired([always], policySubject({ operation: "DELETE" }))).toBe(false);
  });

  it("fails rather than sending operations that do not apply, or repairing on the word of a rule that failed", () => {
    const stale = wants("First", {}, () => [{ op: "test", path: "/spec/policyTypes/0", value: "Egress" }]);
    expect(() => repaired([stale])).toThrow();
    const nowhere = wants("First", {}, () => [{ op: "add", path: "/spec/none/-", value: "x" }]);
    expect(() => repaired([nowhere])).toThrow();
    const broken = wants("First", {
      check: () => {
        throw new TypeError("a bug");
      },
    });
    expect(() => repaired([broken])).toThrow("a bug");
  });

  it("cuts its warnings to what the API server shows", () => {
    const add = { op: "add" as const, path: "/spec/policyTypes/-", value: "First" };
    const loud = rule({ fix: { class: "narrowing", warning: "x".repeat(400), operations: () => [add] } });
    const [warning] = repaired([loud]).warnings;
    expect(warning).toHaveLength(256);
  });
});
