import { describe, expect, it } from "vitest";
import { judged } from "../support/judging.ts";
import { rule } from "../support/rules.ts";
import { modes } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";

const always = rule();

describe("rules made for system namespaces", () => {
  const ours = rule({ id: "ours", profile: "advisory", system: true });
  const object = policy(undefined, { namespace: "kube-system" });
  const creation = policySubject({ object, namespace: "kube-system" });
  const names = new Set(["kube-system"]);
  const deny = { systemNamespaces: { names, action: "deny" } } as const;

  it("warn there and nowhere do others speak, whatever the modes", () => {
    const verdict = judged(creation, { rules: [always, ours], modes: modes({}) });
    expect(verdict).toMatchObject({ allowed: true, findings: [{ effect: "warn", modes: [] }] });
    expect(verdict.warnings).toHaveLength(1);
    expect(verdict.skipped).toBeUndefined();
  });

  it("deny what the request brings where configuration says so, but for exceptions, exemptions and the switch", () => {
    const verdict = judged(creation, { rules: [ours], settings: deny });
    expect(verdict.allowed).toBe(false);
    expect(verdict.message).toContain("breaks what holds in system namespaces (1 finding)");
    const exceptions = [{ rule: "ours", namespace: "kube-system", policies: "*", reason: "shipped" }];
    const exemptions = {
      users: new Set(["tom"]),
      groups: new Set<string>(),
      namespaces: new Set<string>(),
    };
    for (const settings of [{ exceptions }, { exemptions }, { enforcement: "warn" as const }]) {
      expect(judged(creation, { rules: [ours], settings: { ...deny, ...settings } }).allowed).toBe(true);
    }
  });

  it("only warn of what stood before, and say nothing of an update that leaves the spec as it is", () => {
    const change = { operation: "UPDATE", namespace: "kube-system", oldObject: object } as const;
    const other = policy({ podSelector: {} }, { namespace: "kube-system" });
    const updated = judged(policySubject({ ...change, object: other }), { rules: [ours], settings: deny });
    expect(updated).toMatchObject({ allowed: true, findings: [{ introduced: false, effect: "warn" }] });
    const same = judged(policySubject({ ...change, object }), { rules: [ours], settings: deny });
    expect(same).toMatchObject({ allowed: true, skipped: "no-change" });
  });

  it("a failure decides nothing where they only warn, and is failurePolicy's where they deny", () => {
    const failing = rule({
      id: "failing",
      profile: "advisory",
      system: true,
      check: () => {
        throw new Error("broken");
      },
    });
    expect(judged(creation, { rules: [failing] })).toMatchObject({
      allowed: true,
      failed: [{ rule: "failing" }],
    });
    expect(() => judged(creation, { rules: [failing], settings: deny })).toThrow("rule failing failed");
  });
});
