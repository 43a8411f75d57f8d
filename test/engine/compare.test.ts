import { describe, expect, it } from "vitest";
import { introduces as introducesTo, standing, type OpenedBefore } from "#src/engine/compare.ts";
import type { Finding, Scope } from "#src/model/finding.ts";
import { type Budget, workBudget } from "#src/network/budget.ts";
import { parseCidr } from "#src/network/cidr.ts";
import { compilePeer } from "#src/network/dialects/kubernetes.ts";
import type { Opening } from "#src/network/opening.ts";
import type { Peer } from "#src/network/policy.ts";
import { compileSelector, nothing } from "#src/network/selector.ts";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { policy, policySubject } from "../support/subjects.ts";

const introduces = (found: Finding, before: readonly Finding[], budget: Budget): boolean | undefined =>
  introducesTo(found, standing(before), budget);
const plenty = () => workBudget(1_000);
const elements = (...ids: string[]): Scope => ({ kind: "elements", ids: new Set(ids) });
const read = (wire: LabelSelector) => compileSelector(wire, "pods") ?? nothing("pods");
const pods = (wire: LabelSelector): Scope => ({ kind: "selector", selector: read(wire) });
const among = (ids: readonly string[], all: LabelSelector, ...except: readonly LabelSelector[]): Scope => ({
  kind: "elements",
  ids: new Set(ids),
  beyond: { selector: read(all), except: except.map(read) },
});
const amount = (of: number): Scope => ({ kind: "amount", amount: of });
const app = (value: string): Scope => pods({ matchLabels: { app: value } });
const at = (scope: Scope): Finding => finding({ scope });

describe("a request introduces a finding", () => {
  it("where none of its key stood before", () => {
    expect(introduces(finding(), [], plenty())).toBe(true);
    expect(introduces(finding(), [finding({ key: "another" })], plenty())).toBe(true);
    expect(introduces(finding(), [finding()], plenty())).toBe(false);
  });

  it("whatever its place, its order and its words", () => {
    const moved = finding({ path: ["spec", "egress", 3], message: "other", data: { what: "that" } });
    expect(introduces(moved, [finding()], plenty())).toBe(false);
    const before = [finding({ key: "another" }), finding()];
    expect(introduces(finding(), before, plenty())).toBe(false);
    expect(introduces(finding(), before.reverse(), plenty())).toBe(false);
  });
});

describe("a request worsens a finding", () => {
  it.each<[string, Scope, readonly Scope[], boolean]>([
    ["the same elements", elements("a", "b"), [elements("b", "a")], false],
    ["fewer", elements("a"), [elements("a", "b")], false],
    ["one more", elements("a", "b", "c"), [elements("a", "b")], true],
    ["the union of several old ones", elements("a", "b"), [elements("a"), elements("b")], false],
    ["beyond the union of several old ones", elements("a", "c"), [elements("a"), elements("b")], true],
    ["the same selector", app("web"), [app("web")], false],
    ["a narrower selector", pods({ matchLabels: { app: "web", tier: "front" } }), [app("web")], false],
    ["a wider selector", pods({}), [app("web")], true],
    [
      "a selector that the union of the old ones covers",
      pods({}),
      [app("web"), pods({ matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] })],
      false,
    ],
    ["a selector after elements", app("web"), [elements("a")], true],
    ["pods to come of those that stood without DNS", app("web"), [among(["a"], {})], false],
    [
      "pods to come that were served before",
      app("web"),
      [among(["a"], {}, { matchLabels: { app: "web" } })],
      true,
    ],
    [
      "pods to come beside those that were served before",
      app("web"),
      [among(["a"], {}, { matchLabels: { app: "api" } })],
      false,
    ],
    ["as much", amount(7), [amount(3), amount(7)], false],
    ["less", amount(6), [amount(7)], false],
    ["more", amount(8), [amount(7)], true],
    ["elements after a selector", elements("a"), [app("web")], true],
  ])("%s", (_, scope, before, worsened) => {
    expect(introduces(at(scope), before.map(at), plenty())).toBe(worsened);
  });

  it("only where the key is the same", () => {
    const wider = finding({ key: "one", scope: elements("a", "b") });
    const before = [
      finding({ key: "one", scope: elements("a") }),
      finding({ key: "two", scope: elements("b") }),
    ];
    expect(introduces(wider, before, plenty())).toBe(true);
  });

  it("behind thousands of old ones of the same key too: those cost none of the work budget", () => {
    const budget = workBudget(20_000);
    const old = Array.from({ length: 2_000 }, (_, index) => at(app(`a${index}`)));
    const before = standing(old);
    expect(old.some((finding) => introducesTo(finding, before, budget))).toBe(false);
    expect(introducesTo(at(app("new")), before, budget)).toBe(true);
  });

  it("is not known where the work budget ends before", () => {
    // Neither a pod with every label nor one without any is new: only a search finds that with one of the two.
    const both = ["Exists", "DoesNotExist"].map((operator) =>
      at(pods({ matchExpressions: ["a", "b"].map((key) => ({ key, operator })) })),
    );
    expect(introduces(at(pods({})), both, plenty())).toBe(true);
    expect(introduces(at(pods({})), both, workBudget(0))).toBeUndefined();
  });
});

describe("what a policy opens", () => {
  const ranges = (...texts: string[]): Peer[] =>
    texts.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === undefined ? [] : [{ kind: "ipBlock", cidr, except: [] }];
    });
  const on = (peers: Peer[] | "any", subject: LabelSelector = {}): Opening => ({
    subject: read(subject),
    entry: { peers, ports: "any" },
  });
  const opening = (...openings: Opening[]): Finding =>
    finding({ key: "new words", scope: { kind: "openings", direction: "egress", openings } });
  const opened = (...before: Opening[]): OpenedBefore => ({
    own: { name: "shop", labels: new Map() },
    in: (direction) => (direction === "egress" ? before : []),
  });
  const brings = (found: Finding, before: OpenedBefore | undefined, budget = plenty()) =>
    introducesTo(found, standing([]), budget, before);

  it("is new on a CREATE, and where the old object opened less", () => {
    const half = opening(on(ranges("0.0.0.0/1")));
    expect(brings(half, undefined)).toBe(true);
    expect(brings(half, opened())).toBe(true);
    expect(brings(half, opened(on(ranges("10.0.0.0/8"))))).toBe(true);
    expect(brings(half, opened(on(ranges("0.0.0.0/1"), { matchLabels: { app: "web" } })))).toBe(true);
  });

  it("is old where the old object opened it, in whatever words", () => {
    const half = opening(on(ranges("0.0.0.0/1")));
    expect(brings(half, opened(on(ranges("0.0.0.0/2", "64.0.0.0/2"))))).toBe(false);
    expect(brings(half, opened(on("any")))).toBe(false);
    expect(brings(opening(on(ranges("0.0.0.0/1")), on("any")), opened(on(ranges("0.0.0.0/0"))))).toBe(true);
  });

  it("is old where the same words stood before, which costs nothing; else without work it is not known", () => {
    const half = opening(on(ranges("0.0.0.0/1")));
    expect(introducesTo(half, standing([half]), workBudget(0), opened())).toBe(false);
    expect(brings(half, opened(on(ranges("10.0.0.0/8"))), workBudget(0))).toBeUndefined();
  });
});

it("what one rule has to compare keeps nothing of another rule's from being compared", () => {
  const opens = (id: string, entries: readonly Opening["entry"][]) =>
    rule({
      id,
      check: ({ object, oldObject, compiled }) =>
        object === oldObject || compiled === undefined
          ? []
          : entries.map((entry, index) => {
              const openings = [{ subject: compiled.subject, entry }];
              return finding({
                key: `${index}`,
                scope: { kind: "openings", direction: "ingress", openings },
              });
            }),
    });
  const peers = (more = {}): NetworkPolicyPeer[] =>
    Array.from({ length: 300 }, (_, index) => ({
      podSelector: { matchLabels: { app: `a${index}`, ...more } },
    }));
  const of = (from: NetworkPolicyPeer[]) =>
    policy({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from }] });
  const narrowed = peers({ tier: "web" }).map((peer): Opening["entry"] => {
    const compiled = compilePeer(peer);
    return { peers: compiled === undefined ? [] : [compiled], ports: "any" };
  });
  const subject = policySubject({ operation: "UPDATE", object: of([]), oldObject: of(peers()) });
  const effects = judged(subject, {
    rules: [opens("heavy", narrowed), opens("plain", [{ peers: "any", ports: "any" }])],
  }).findings.map(({ rule: { id }, effect, unsure }) => [id, effect, unsure]);
  expect(effects.slice(0, 1)).toEqual([["heavy", "warn", false]]);
  expect(effects.slice(-2)).toEqual([
    ["heavy", "warn", true],
    ["plain", "deny", false],
  ]);
  // A guard has more steps, and denies what is not known even so.
  const guarded = (entries: typeof narrowed) =>
    judged(subject, { rules: [{ ...opens("guard", entries), profile: "guard" as const }] }).findings.map(
      ({ effect, unsure }) => [effect, unsure],
    );
  expect(guarded(narrowed.slice(0, 60))).toEqual(Array(60).fill(["warn", false]));
  expect(guarded(narrowed).at(-1)).toEqual(["deny", true]);
});
