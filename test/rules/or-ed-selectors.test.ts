import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { orEdSelectors } from "#src/rules/or-ed-selectors.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { judged } from "../support/judging.ts";
import { modes } from "../support/settings.ts";
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

  it("may narrow hundreds of rules, and not open one of them further beside that", () => {
    const rules = (ports: number[], last = ports) =>
      policy({
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: Array.from({ length: 300 }, (_, index) => ({
          from: [team(`n${index}`), app(`p${index}`)],
          ports: (index === 299 ? last : ports).map((port) => ({ port })),
        })),
      });
    expect(update(rules([80]), rules([80, 81]))).toBe(true);
    expect(update(rules([80], [80, 99]), rules([80, 81]))).toBe(false);
  });

  it("may stand on a number instead of a name, which may be the same port, and not on two", () => {
    const on = (...ports: (number | string)[]) =>
      of([], { ingress: [{ from: [team("a"), app("x")], ports: ports.map((port) => ({ port })) }] });
    const verdict = judged(policySubject({ operation: "UPDATE", object: on(80), oldObject: on("http") }), {
      rules: [orEdSelectors],
      modes: modes({ enforce: "baseline", warn: "baseline" }),
    });
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings.join()).toContain("(may have stood before this request)");
    expect(update(on(80, 82), on("http"))).toBe(false);
  });

  it("is denied where the direction was not isolated before", () => {
    const before = of([team("a"), app("x")], { policyTypes: ["Egress"] });
    expect(update(of([team("a"), app("x")], { policyTypes: ["Egress", "Ingress"] }), before)).toBe(false);
    expect(update(of([team("a"), app("x")], { policyTypes: ["Egress"] }), before)).toBe(true);
  });

  const [teams, apps, ports] = [
    ["a", "b", "c"],
    ["x", "y", "z"],
    ["80", "81", "82"],
  ] as const;
  const some = (values: readonly string[], minLength: number) =>
    fc.array(fc.subarray([...values], { minLength: 1 }), { minLength, maxLength: 2 });
  const rule = fc
    .record({ teams: some(teams, 0), apps: some(apps, 0), ports: fc.subarray([...ports]) })
    // Without peers a rule would open to anyone: not of interest here, and no item at all is.
    .filter((made) => made.teams.length + made.apps.length > 0);
  const spec = fc.record({
    subject: fc.subarray(["p", "q"], { minLength: 1 }),
    rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  });
  type Made = typeof spec extends fc.Arbitrary<infer T> ? T : never;
  const made = ({ subject, rules }: Made) =>
    policy({
      podSelector: { matchExpressions: [{ key: "app", operator: "In", values: subject }] },
      policyTypes: ["Ingress"],
      ingress: rules.map((each) => ({
        from: [...each.teams.map((values) => team(...values)), ...each.apps.map((values) => app(...values))],
        ports: each.ports.map((port) => ({ protocol: "TCP", port: Number(port) })),
      })),
    });
  /** Each connection that rules open, of one pod, from one namespace or one pod beside it, on one port. */
  const opened = ({ subject, rules }: Made) =>
    new Set(
      rules.flatMap((each) => {
        const peers = [...each.teams.flat().map((name) => `team ${name}`), ...each.apps.flat()];
        const on = each.ports.length === 0 ? [...ports, "any other"] : each.ports;
        return subject.flatMap((own) => peers.flatMap((peer) => on.map((port) => [own, peer, port].join())));
      }),
    );

  test.prop([spec, spec], { numRuns: 500 })(
    "is denied where OR-ed items open what the policy did not open before, and nowhere else",
    (old, now) => {
      const before = opened(old);
      const orEd = now.rules.filter((each) => each.teams.length > 0 && each.apps.length > 0);
      const isMore = [...opened({ ...now, rules: orEd })].some((connection) => !before.has(connection));
      expect(update(made(now), made(old))).toBe(!isMore);
    },
  );
  test.prop([spec, spec])("may take away what it likes", (gone, kept) => {
    const subject = [...new Set([...gone.subject, ...kept.subject])];
    expect(update(made(kept), made({ subject, rules: [...gone.rules, ...kept.rules] }))).toBe(true);
  });
});
