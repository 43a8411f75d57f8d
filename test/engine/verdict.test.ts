import { describe, expect, it } from "vitest";
import { describe as nameOf } from "#src/engine/verdict.ts";
import type { Modes } from "#src/model/profile.ts";
import { judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { modes } from "../support/settings.ts";
import { namespace, namespaceSubject, policy, policySubject } from "../support/subjects.ts";

const changed = policy({ podSelector: {}, policyTypes: ["Ingress"] });

function under(wanted: Modes, shapes: readonly Parameters<typeof rule>[0][], request = {}) {
  return judged(policySubject(request), { rules: shapes.map(rule), modes: wanted });
}

describe("the message", () => {
  it.each([
    ["profile baseline", modes({ enforce: "baseline" }), [{}]],
    ["profile restricted", modes({ enforce: "restricted" }), [{ profile: "restricted" as const }]],
    ["a guard", modes({}), [{ profile: "guard" as const }]],
    ["profile baseline", modes({ enforce: "baseline" }), [{}, { profile: "guard" as const }]],
  ])("says that the object breaks %s", (breaks, wanted, shapes) => {
    expect(under(wanted, shapes).message?.split("\n")[0]).toBe(
      `NetworkPolicy shop/api breaks ${breaks} (${shapes.length === 1 ? "1 finding" : "2 findings"})`,
    );
  });

  it("is absent where the request is allowed", () => {
    expect("message" in under(modes({ warn: "baseline" }), [{}])).toBe(false);
    expect("message" in under(modes({ enforce: "baseline" }), [])).toBe(false);
  });

  it("lists what is denied, and leaves what only warns to the warnings", () => {
    const verdict = under(modes({ enforce: "baseline", warn: "restricted" }), [
      { id: "denied" },
      { id: "warned", profile: "restricted" },
      { id: "advice", profile: "advisory" },
    ]);
    expect(verdict.message).toContain("(1 finding)");
    expect(verdict.warnings).toEqual([
      "warned at spec: this is wrong; write that",
      "advice at spec: this is wrong; write that",
    ]);
  });
});

describe("the name", () => {
  it("is the generateName where there is no name yet", () => {
    const object = { ...policy(), metadata: { namespace: "shop", generateName: "api-" } };
    expect(nameOf(policySubject({ object }))).toBe("NetworkPolicy shop/api-");
  });

  it("of a Namespace has no slash", () => {
    expect(nameOf(namespaceSubject({ object: namespace({}) }))).toBe("Namespace shop");
  });

  it("of a deleted object comes from the old one", () => {
    expect(nameOf(policySubject({ operation: "DELETE" }))).toBe("NetworkPolicy shop/api");
  });
});

describe("the warnings", () => {
  const enforced = modes({ enforce: "baseline" });

  it("say why what would be denied is not", () => {
    expect(under(enforced, [{}], { operation: "UPDATE", object: changed }).warnings).toEqual([
      "example at spec: this is wrong; write that (stood before this request)",
    ]);
    expect(under(enforced, [{ curable: true }], { dryRun: true }).warnings).toEqual([
      "example at spec: this is wrong; write that (would be denied unless cured in the same apply)",
    ]);
  });

  it("speak of no denial where nothing is enforced, but say what stood before", () => {
    const warned = modes({ warn: "baseline" });
    expect(under(warned, [{ curable: true }], { dryRun: true }).warnings).toEqual([
      "example at spec: this is wrong; write that",
    ]);
    expect(under(warned, [{}], { operation: "UPDATE", object: changed }).warnings).toEqual([
      "example at spec: this is wrong; write that (stood before this request)",
    ]);
  });

  it("keep the order of the rules and, within one, of its findings", () => {
    const two = [
      finding({ path: ["spec", "egress", 1] }),
      finding({ path: ["spec", "egress", 0], key: "x" }),
    ];
    const verdict = under(modes({ warn: "baseline" }), [{ id: "b", check: () => two }, { id: "a" }]);
    expect(verdict.warnings.map((line) => line.split(":")[0])).toEqual([
      "b at spec.egress[1]",
      "b at spec.egress[0]",
      "a at spec",
    ]);
  });
});

describe("the audit annotations", () => {
  it("name rule, mode and version of what was denied", () => {
    const { auditAnnotations } = under(modes({ enforce: "baseline" }, { enforce: "v1" }), [{}]);
    expect(auditAnnotations).toEqual({
      "enforce-violations": "example at spec: this is wrong; write that",
      "enforce-policy": "baseline:v1",
    });
  });

  it("a violation under audit alone is allowed without a warning and annotated", () => {
    const verdict = under(modes({ audit: "baseline" }), [{ id: "one" }, { id: "two" }]);
    expect(verdict).toMatchObject({ allowed: true, warnings: [] });
    expect(verdict.auditAnnotations).toEqual({
      "audit-violations": "one at spec: this is wrong; write that; two at spec: this is wrong; write that",
    });
  });

  it("what is excused is named as that, and not among the violations", () => {
    const object = policy({}, { annotations: { "waive.ringfence.dev/example": "vendor chart" } });
    const verdict = judged(policySubject({ object }), {
      rules: [rule({})],
      modes: modes({ audit: "baseline" }),
      settings: { waivable: new Set(["example"]) },
    });
    expect(verdict.auditAnnotations).toEqual({ excused: "example (waiver): vendor chart" });
  });

  it("are the same for the same request, with keys that the API server takes", () => {
    const twice = [1, 2].map(
      () => under(modes({ enforce: "baseline", warn: "baseline", audit: "baseline" }), [{}]).auditAnnotations,
    );
    expect(twice[0]).toEqual(twice[1]);
    for (const key of Object.keys(twice[0] ?? {})) expect(key).toMatch(/^[A-Za-z0-9._-]{1,63}$/);
  });

  it("are bounded", () => {
    const many = Array.from({ length: 500 }, (_, index) => finding({ path: ["spec", "egress", index] }));
    const { auditAnnotations } = under(modes({ audit: "baseline" }), [{ check: () => many }]);
    expect(auditAnnotations["audit-violations"]).toHaveLength(2_000);
  });
});
