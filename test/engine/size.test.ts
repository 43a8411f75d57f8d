import { describe, expect, it } from "vitest";
import { repair } from "#src/engine/fixes.ts";
import { rules } from "#src/rules/index.ts";
import type { Modes } from "#src/model/profile.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { engineOf, judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { modes, settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

const size = rule({ id: "size", bounds: true });
const other = rule({ id: "other" });
const changed = policy({ podSelector: {}, policyTypes: ["Ingress"] });
const exception = { rule: "size", namespace: "shop", policies: "*", reason: "a chart" };

/** The rules that found something. */
function found(setting: Parameters<typeof judged>[1], operation: "CREATE" | "UPDATE" = "CREATE"): string[] {
  const subject = policySubject({ operation, object: changed });
  return judged(subject, setting).findings.map(({ rule: { id } }) => id);
}

describe("a policy that is too large for the other rules", () => {
  it("is looked at by none of them where it is denied, or where nothing is denied", () => {
    expect(found({ rules: [other, size] })).toEqual(["size"]);
    expect(found({ rules: [other, size], modes: modes({ warn: "baseline" }) })).toEqual(["size"]);
  });

  it("is looked at by guards all the same: size is no way around them", () => {
    const guard = rule({ id: "guard", profile: "guard" });
    const subject = policySubject({ operation: "CREATE", object: changed });
    const setting = { rules: [other, guard, size], modes: modes({ warn: "baseline" }) };
    const { allowed, findings } = judged(subject, setting);
    expect([allowed, findings.map(({ rule: { id } }) => id)]).toEqual([false, ["size", "guard"]]);
  });

  it("is looked at by all where its size alone does not decide", () => {
    expect(found({ rules: [other, size] }, "UPDATE")).toEqual(["size", "other"]);
    const settings = { exceptions: [exception] };
    expect(found({ rules: [other, size], settings })).toEqual(["size", "other"]);
    const small = rule({ id: "size", bounds: true, check: () => [] });
    expect(found({ rules: [other, small] })).toEqual(["other"]);
  });

  it("is not repaired", () => {
    const operations = () => [{ op: "add", path: "/spec/policyTypes/-", value: "Egress" } as const];
    const fixed = rule({
      check: ({ object }) => (object?.spec?.policyTypes?.length === 1 ? [finding()] : []),
      fix: { class: "narrowing", warning: "appended", operations },
    });
    const patched = (...all: Parameters<typeof engineOf>[0]) =>
      repair(policySubject({ object: changed }), engineOf(all), {
        settings: settingsWith(),
        modes: modes({ patch: "restricted" }),
        expired: () => false,
        views: () => ({ after: knowsNothing, before: () => knowsNothing }),
      }).patch?.length;
    expect(patched(fixed)).toBe(1);
    expect(patched(fixed, size)).toBeUndefined();
  });
});

describe("what a request may cost", () => {
  const many = <Item>(item: (index: number) => Item) => Array.from({ length: 150_000 }, (_, i) => item(i));
  it.each<[string, NetworkPolicySpec]>([
    ["rules", { podSelector: {}, policyTypes: ["Egress"], egress: many(() => ({ to: [] })) }],
    [
      "peers",
      {
        podSelector: {},
        ingress: [{ from: many((i) => ({ podSelector: { matchLabels: { app: `a${i}` } } })) }],
      },
    ],
    ["ports", { podSelector: {}, egress: [{ ports: many((i) => ({ port: 1 + (i % 60_000) })) }] }],
  ])("%s without end are denied for their number alone", (what, spec) => {
    const all: Modes = modes({ enforce: "restricted", warn: "restricted" });
    const { allowed, findings } = judged(policySubject({ object: policy(spec) }), { rules, modes: all });
    expect(allowed).toBe(false);
    expect(findings.map(({ finding: { key } }) => key)).toEqual([what]);
  });
});
