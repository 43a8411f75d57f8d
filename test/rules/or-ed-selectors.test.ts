import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { orEdSelectors } from "#src/rules/or-ed-selectors.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { judged } from "../support/judging.ts";
import { policy, policySubject } from "../support/subjects.ts";

/** One rule that holds so many namespace items and so many pod items. */
function listed(length: number) {
  const from = Array.from({ length }, (_, index): NetworkPolicyPeer[] => [
    { namespaceSelector: { matchLabels: { team: `n${index}` } } },
    { podSelector: { matchLabels: { app: `p${index}` } } },
  ]);
  return policy({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: from.flat() }] });
}

it("thousands of OR-ed items are judged in time that grows with them, and the text stays readable", () => {
  const { allowed, message } = judged(policySubject({ object: listed(20_000) }), { rules: [orEdSelectors] });
  expect(allowed).toBe(false);
  expect(message).toContain("team=n4 or 19995 more (now not counted) OR pods app=p0 or app=p1");
  expect(message).toContain("Either one: write two rules.");
});

it.each([3, 300])("of %d OR-ed items one may go and none may come", (length) => {
  const update = (object: NetworkPolicy, oldObject: NetworkPolicy) =>
    judged(policySubject({ operation: "UPDATE", object, oldObject }), { rules: [orEdSelectors] }).allowed;
  expect(update(listed(length), listed(length + 1))).toBe(true);
  expect(update(listed(length + 1), listed(length))).toBe(false);
});

describe("an update of what stood", () => {
  const update = (object: NetworkPolicy, oldObject: NetworkPolicy) =>
    judged(policySubject({ operation: "UPDATE", object, oldObject }), { rules: [orEdSelectors] }).allowed;
  type Spec = Parameters<typeof policy>[0];
  const of = (from: NetworkPolicyPeer[], rest: Partial<Spec> = {}) =>
    policy({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from }], ...rest });
  const team = (...values: string[]): NetworkPolicyPeer => ({
    namespaceSelector: { matchExpressions: [{ key: "t", operator: "In", values }] },
  });
  const app = (...values: string[]): NetworkPolicyPeer => ({
    podSelector: { matchExpressions: [{ key: "app", operator: "In", values }] },
  });

  it("may join items into one, and a long list may become short", () => {
    expect(update(of([team("a", "b"), app("x", "y")]), of([team("a"), team("b"), app("x"), app("y")]))).toBe(
      true,
    );
    expect(update(listed(50), listed(101))).toBe(true);
    expect(update(listed(101), listed(50))).toBe(false);
  });

  it("is denied where the direction was not isolated before", () => {
    const before = of([team("a"), app("x")], { policyTypes: ["Egress"] });
    expect(update(of([team("a"), app("x")], { policyTypes: ["Egress", "Ingress"] }), before)).toBe(false);
    expect(update(of([team("a"), app("x")], { policyTypes: ["Egress"] }), before)).toBe(true);
  });

  const subsets = (values: string[]) => fc.subarray(values, { minLength: 1 });
  const rule = fc.record({
    teams: fc.array(subsets(["a", "b", "c"]), { minLength: 1, maxLength: 2 }),
    apps: fc.array(subsets(["x", "y", "z"]), { minLength: 1, maxLength: 2 }),
    ports: subsets(["80", "81", "82"]),
  });
  const spec = fc.record({
    subject: subsets(["p", "q"]),
    rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  });
  type Made = typeof spec extends fc.Arbitrary<infer T> ? T : never;
  const made = ({ subject, rules }: Made) =>
    policy({
      podSelector: { matchExpressions: [{ key: "app", operator: "In", values: subject }] },
      policyTypes: ["Ingress"],
      ingress: rules.map(({ teams, apps, ports }) => ({
        from: [...teams.map((values) => team(...values)), ...apps.map((values) => app(...values))],
        ports: ports.map((port) => ({ protocol: "TCP", port: Number(port) })),
      })),
    });
  /** Each way that the OR of two items opens, for one pod, one namespace, one pod beside it and one port. */
  const opened = ({ subject, rules }: Made) =>
    new Set(
      rules.flatMap(({ teams, apps, ports }) =>
        subject.flatMap((own) =>
          teams
            .flat()
            .flatMap((t) => apps.flat().flatMap((a) => ports.map((port) => [own, t, a, port].join()))),
        ),
      ),
    );

  test.prop([spec, spec])("is denied where it opens what the items did not open before", (old, now) => {
    const before = opened(old);
    fc.pre([...opened(now)].some((way) => !before.has(way)));
    expect(update(made(now), made(old))).toBe(false);
  });
  test.prop([spec, spec])("may take away what it likes", (gone, kept) => {
    const subject = [...new Set([...gone.subject, ...kept.subject])];
    expect(update(made(kept), made({ subject, rules: [...gone.rules, ...kept.rules] }))).toBe(true);
  });
  test.prop([spec, fc.func(fc.integer())])("may be written in another order", ({ subject, rules }, by) => {
    const shuffled = rules.toSorted((a, b) => by(JSON.stringify(a)) - by(JSON.stringify(b)));
    expect(update(made({ subject, rules: shuffled }), made({ subject, rules }))).toBe(true);
  });
});
