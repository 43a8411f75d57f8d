import { describe, expect, it } from "vitest";
import type { ClusterView, UnmodelledPolicies } from "#src/model/cluster-view.ts";
import { judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { modes } from "../support/settings.ts";
import { policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

describe("beside policies of kinds that are not modelled", () => {
  const cilium = { name: "CiliumNetworkPolicy (cilium.io)", where: "namespace" } as const;
  const beside = (...kinds: UnmodelledPolicies[]): ClusterView => ({
    ...knowsNothing,
    unmodelledPolicies: (asked) => (asked === "shop" ? kinds : []),
  });
  const ofTheSet = (id: string) =>
    rule({
      id,
      judges: "set",
      check: () => {
        throw new TypeError("must not be asked");
      },
    });
  const texts = [
    [cilium, "the namespace holds CiliumNetworkPolicy (cilium.io), which is not judged yet"],
    [
      { ...cilium, where: "cluster" },
      "the cluster holds CiliumNetworkPolicy (cilium.io), which is not judged yet",
    ],
    [{ ...cilium, where: "unreadable" }, "CiliumNetworkPolicy (cilium.io) cannot be read and may stand here"],
  ] as const;

  it.each(texts)("rules of the set are not asked, and one warning names the kind: %j", (kind, text) => {
    const verdict = judged(policySubject(), { rules: [ofTheSet("example")], after: beside(kind) });
    expect(verdict).toMatchObject({ allowed: true, findings: [], failed: [] });
    expect(verdict.warnings).toEqual([`example: unknown here: ${text}`]);
    expect(verdict.unknown).toEqual([{ rule: "example", missing: kind.name }]);
    expect(verdict.auditAnnotations.unknown).toBe("example: CiliumNetworkPolicy (cilium.io) not known");
  });

  it("rules of the object and of the change go on denying", () => {
    for (const judges of ["object", "change"] as const) {
      const verdict = judged(policySubject(), { rules: [rule({ judges })], after: beside(cilium) });
      expect(verdict).toMatchObject({ allowed: false, unknown: [], warnings: [] });
    }
  });

  it("one warning stands for all rules and kinds, however many", () => {
    const rules = ["a", "b", "c"].map((id) => ofTheSet(id));
    const kinds = [1, 2, 3, 4, 5].map((each) => ({ ...cilium, name: `${"K".repeat(80)}${each}` }));
    const verdict = judged(policySubject(), { rules, after: beside(...kinds) });
    expect(verdict.warnings).toHaveLength(1);
    expect(verdict.warnings[0]).toMatch(/^a and 2 other rules: unknown here: the namespace holds K+1, /);
    expect(verdict.warnings[0]?.length).toBeLessThanOrEqual(256);
    const few = judged(policySubject(), {
      rules,
      after: beside(...kinds.map(({ where }) => ({ name: "K", where }))),
    });
    expect(few.warnings[0]).toMatch(/; and 2 other kinds$/);
  });

  it("under audit alone the annotation says it and no warning", () => {
    const verdict = judged(policySubject(), {
      rules: [ofTheSet("example")],
      after: beside(cilium),
      modes: modes({ audit: "baseline" }),
    });
    expect(verdict.warnings).toEqual([]);
    expect(verdict.auditAnnotations.unknown).toContain("CiliumNetworkPolicy");
  });

  it("those of other namespaces change nothing, nor do they where no rule of the set would speak", () => {
    const elsewhere = {
      ...beside(cilium),
      unmodelledPolicies: (asked: string) => (asked === "shop" ? [] : [cilium]),
    };
    const denying = rule({ judges: "set", check: (_, view) => (view === elsewhere ? [finding()] : []) });
    const verdict = judged(policySubject(), { rules: [denying], after: elsewhere, before: knowsNothing });
    expect(verdict).toMatchObject({ allowed: false, unknown: [], warnings: [] });
    const deletion = policySubject({ operation: "DELETE" });
    const silent = judged(deletion, { rules: [ofTheSet("example")], after: beside(cilium) });
    expect(silent).toMatchObject({ allowed: true, unknown: [], warnings: [] });
  });
});
