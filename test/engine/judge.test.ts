import { describe, expect, it } from "vitest";
import { RingfenceError } from "#src/errors.ts";
import type { ClusterView } from "#src/model/cluster-view.ts";
import { judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { modes } from "../support/settings.ts";
import { namespace, namespaceSubject, policy, policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

const always = rule();
const changed = policy({ podSelector: {}, policyTypes: ["Ingress"] });

describe("before and after", () => {
  it("an update that leaves the spec as it is is not judged at all", () => {
    const labelled = policy(undefined, { labels: { team: "a" }, finalizers: ["example.com/hold"] });
    const verdict = judged(policySubject({ operation: "UPDATE", object: labelled }), { rules: [always] });
    expect(verdict).toMatchObject({ allowed: true, warnings: [], skipped: "no-change" });
  });

  it("a spec that is nested deeper than the stack is judged like any other", () => {
    const nested = (leaf: string): unknown => {
      let value: unknown = leaf;
      for (let depth = 0; depth < 10_000; depth++) value = { a: value };
      return value;
    };
    const deep = (leaf: string) => policy(Object.assign({ podSelector: {} }, { unknown: nested(leaf) }));
    const update = policySubject({ operation: "UPDATE", object: deep("new"), oldObject: deep("old") });
    expect(judged(update, { rules: [always] })).toMatchObject({
      allowed: true,
      findings: [{ rule: always }],
    });
  });

  it("an update that changes the spec and leaves the fault warns that it stood before", () => {
    const verdict = judged(policySubject({ operation: "UPDATE", object: changed }), { rules: [always] });
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings).toEqual([
      "example at spec: this is wrong; write that (stood before this request)",
    ]);
  });

  it("a rule of the object is asked about the old object", () => {
    const wide = rule({
      check: ({ object }) => (object?.spec?.podSelector?.matchLabels === undefined ? [finding()] : []),
    });
    const update = (object: typeof changed, oldObject: typeof changed) =>
      judged(policySubject({ operation: "UPDATE", object, oldObject }), { rules: [wide] }).allowed;
    expect(update(changed, policy())).toBe(false);
    expect(update(policy(), changed)).toBe(true);
  });

  it("a rule of the set is asked about the view before, and only where it found something after", () => {
    const before: ClusterView = { ...knowsNothing };
    const asked: ClusterView[] = [];
    const onlyAfter = rule({
      judges: "set",
      check: (_, view) => {
        asked.push(view);
        return view === before ? [] : [finding()];
      },
    });
    const both = rule({ judges: "set", check: () => [finding()] });
    expect(judged(policySubject(), { rules: [onlyAfter], before }).allowed).toBe(false);
    expect(asked).toEqual([knowsNothing, before]);
    expect(judged(policySubject(), { rules: [both], before }).allowed).toBe(true);
    const silent = rule({
      judges: "set",
      check: (_, view) => {
        expect(view).not.toBe(before);
        return [];
      },
    });
    expect(judged(policySubject(), { rules: [silent], before }).allowed).toBe(true);
  });

  it("findings of one rule never stand for those of another", () => {
    const first = rule({
      id: "first",
      judges: "set",
      check: (_, view) => (view === knowsNothing ? [finding()] : []),
    });
    const second = rule({ id: "second", judges: "set", check: () => [finding()] });
    const verdict = judged(policySubject(), { rules: [first, second], before: { ...knowsNothing } });
    expect(verdict.findings.map(({ rule: { id }, effect }) => [id, effect])).toEqual([
      ["first", "deny"],
      ["second", "warn"],
    ]);
  });

  it("a rule of the change finds what is new by itself", () => {
    const verdict = judged(policySubject({ operation: "UPDATE", object: changed }), {
      rules: [rule({ judges: "change" })],
    });
    expect(verdict.allowed).toBe(false);
  });

  it("a DELETE is judged only by rules that ask for it, and those of the set warn", () => {
    const deletion = policySubject({ operation: "DELETE" });
    expect(judged(deletion, { rules: [always] }).findings).toEqual([]);
    const set = rule({ judges: "set", operations: ["DELETE"], check: () => [finding()] });
    const before = { ...knowsNothing };
    const verdict = judged(deletion, { rules: [set], before });
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings).toHaveLength(1);
  });
});

describe("who and what is not judged", () => {
  it.each([
    ["user", { users: new Set(["tom"]), groups: new Set<string>(), namespaces: new Set<string>() }],
    ["group", { users: new Set<string>(), groups: new Set(["devs"]), namespaces: new Set<string>() }],
    ["namespace", { users: new Set<string>(), groups: new Set<string>(), namespaces: new Set(["shop"]) }],
  ])("exempt by %s, which the audit log shows", (_, exemptions) => {
    const verdict = judged(policySubject(), { rules: [always], settings: { exemptions } });
    expect(verdict).toMatchObject({
      allowed: true,
      skipped: "exempt",
      auditAnnotations: { skipped: "exempt" },
    });
  });

  it("no label exempts, neither one of ours nor a forged name, nor does it make a user", () => {
    const exemptions = {
      users: new Set<string>(),
      groups: new Set<string>(),
      namespaces: new Set(["kube-public"]),
    };
    const labels = {
      "ringfence.dev/exempt": "true",
      "ringfence.dev/disable": "true",
      "kubernetes.io/metadata.name": "kube-public",
      user: "admin",
    };
    const object = policy(undefined, { labels, annotations: labels });
    expect(judged(policySubject({ object }), { rules: [always], settings: { exemptions } }).allowed).toBe(
      false,
    );
    const guard = { ...rule({ profile: "guard" }), kind: "Namespace" as const, check: () => [finding()] };
    const creation = namespaceSubject({ object: namespace(labels) });
    expect(judged(creation, { rules: [guard], settings: { exemptions } }).allowed).toBe(false);
  });

  it("enforcement off: nothing is judged; warn: every denial becomes a warning", () => {
    expect(judged(policySubject(), { rules: [always], settings: { enforcement: "off" } })).toMatchObject({
      allowed: true,
      findings: [],
      skipped: "off",
      auditAnnotations: { skipped: "off" },
    });
    const guard = rule({ id: "guard", profile: "guard" });
    const verdict = judged(policySubject(), { rules: [always, guard], settings: { enforcement: "warn" } });
    expect(verdict.allowed).toBe(true);
    expect(verdict.findings.map(({ effect }) => effect)).toEqual(["warn", "warn"]);
    expect(verdict.warnings).toHaveLength(2);
  });

  it("policies of system namespaces are left to rules made for them", () => {
    const object = policy(undefined, { namespace: "kube-system" });
    const subject = policySubject({ object, namespace: "kube-system" });
    expect(judged(subject, { rules: [always] })).toMatchObject({ allowed: true, skipped: "system" });
  });
});

describe("waivers and exceptions", () => {
  const waived = policy(
    { podSelector: {} },
    { annotations: { "waive.ringfence.dev/example": "vendor chart" } },
  );
  const waivable = { waivable: new Set(["example"]) };
  const exceptions = [{ rule: "example", namespace: "shop", policies: "*", reason: "vendor chart" }];

  it("silence a finding, are recorded, and leave the others", () => {
    for (const settings of [waivable, { exceptions }]) {
      const verdict = judged(policySubject({ object: waived }), { rules: [always], settings });
      expect(verdict).toMatchObject({ allowed: true, warnings: [] });
      expect(verdict.findings).toMatchObject([{ effect: "none", excused: { reason: "vendor chart" } }]);
      expect(verdict.auditAnnotations.excused).toMatch(/^example \((waiver|exception)\): vendor chart$/);
      const other = rule({ id: "other" });
      expect(judged(policySubject({ object: waived }), { rules: [always, other], settings }).allowed).toBe(
        false,
      );
    }
  });

  it("a waiver that does not count is named in the denial", () => {
    const verdict = judged(policySubject({ object: waived }), { rules: [always] });
    expect(verdict.allowed).toBe(false);
    expect(verdict.message).toContain(
      "The waiver on this object does not count: configuration does not permit waivers of this rule.",
    );
  });

  it("never silence a guard", () => {
    const guard = rule({ profile: "guard" });
    const settings = { ...waivable, exceptions };
    expect(judged(policySubject({ object: waived }), { rules: [guard], settings }).allowed).toBe(false);
  });

  it("a waiver counts for what its own request brings, not for what stood before", () => {
    const update = policySubject({ operation: "UPDATE", object: waived });
    const verdict = judged(update, { rules: [always], settings: waivable });
    expect(verdict.findings).toMatchObject([{ effect: "warn", introduced: false }]);
    expect(verdict.findings[0]?.excused).toBeUndefined();
  });
});

describe("what is not known", () => {
  it.each(["namespaces", "policies", "workloads", "dns"] as const)(
    "a rule that needs %s is not asked, denies nothing, and audit says so",
    (part) => {
      const verdict = judged(policySubject(), { rules: [rule({ needs: [part] })] });
      expect(verdict).toMatchObject({ allowed: true, warnings: [], findings: [] });
      expect(verdict.unknown).toEqual([{ rule: "example", missing: part }]);
      expect(verdict.auditAnnotations.unknown).toBe(`example: ${part} not known`);
    },
  );
});

describe("a rule that throws", () => {
  const broken = (shape: Parameters<typeof rule>[0]) =>
    rule({
      ...shape,
      check: () => {
        throw new TypeError("a bug");
      },
    });

  it("fails the request where its finding could have denied", () => {
    const attempts = [
      () => judged(policySubject(), { rules: [broken({})] }),
      () => judged(policySubject(), { rules: [broken({ profile: "guard" })], modes: modes({}) }),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow(RingfenceError);
      expect(attempt).toThrow("rule example failed");
      expect(attempt).toThrow(expect.objectContaining({ code: "RF_ERR_RULE", httpStatus: 500 }));
    }
  });

  it("elsewhere the request is judged without it, with a warning", () => {
    const rules = [broken({ id: "broken" }), rule()];
    const verdict = judged(policySubject(), { rules, modes: modes({ warn: "baseline" }) });
    expect(verdict.allowed).toBe(true);
    expect(verdict.failed).toMatchObject([{ rule: "broken" }]);
    expect(verdict.warnings).toEqual([
      "example at spec: this is wrong; write that",
      "broken: this rule failed and was left out; the operators were told",
    ]);
    expect(verdict.auditAnnotations["failed-rules"]).toBe("broken");
    const alone = judged(policySubject(), { rules: rules.slice(0, 1), modes: modes({ warn: "baseline" }) });
    expect(alone.warnings).toEqual(verdict.warnings.slice(1));
  });

  it("on the state before the request it is a failed rule as well", () => {
    const before = { ...knowsNothing };
    const rules = [
      rule({
        judges: "set",
        check: (_, view) => {
          if (view === before) throw new TypeError("a bug");
          return [finding()];
        },
      }),
    ];
    expect(() => judged(policySubject(), { rules, before })).toThrow("rule example failed");
  });
});

it("time that is used up is no verdict", () => {
  const attempt = () => judged(policySubject(), { rules: [always], expired: () => true });
  expect(attempt).toThrow(expect.objectContaining({ code: "RF_ERR_DEADLINE", httpStatus: 500 }));
});

it("rules of another kind, another operation or no mode here are not asked", () => {
  const unasked = (shape: Parameters<typeof rule>[0]) =>
    rule({
      ...shape,
      check: () => {
        throw new TypeError("must not be asked");
      },
    });
  const ofNamespaces = { ...unasked({ id: "of-namespaces" }), kind: "Namespace" as const };
  const rules = [ofNamespaces, unasked({ operations: ["DELETE"] }), unasked({ profile: "restricted" })];
  expect(judged(policySubject(), { rules })).toMatchObject({ allowed: true, failed: [] });
});
