import { test } from "@fast-check/vitest";
import fc from "fast-check";
import jsonpatch from "fast-json-patch";
import { describe, expect } from "vitest";
import { judge } from "#src/engine/judge.ts";
import { workBudget } from "#src/network/budget.ts";
import { openingCovered } from "#src/network/entry-cover.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet } from "#src/network/policy-set.ts";
import { allows, externalTarget, type Target } from "#src/network/reachability.ts";
import { viewAfter, viewBefore } from "#src/view/change.ts";
import { Interner } from "#src/network/interner.ts";
import { rules } from "#src/rules/index.ts";
import type { Verdict } from "#src/model/verdict.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { mutate, type Request, subjectOf, validate } from "../support/decisions.ts";
import { asking } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import { engineOf } from "../support/judging.ts";
import type { KubernetesObject } from "../support/objects.ts";
import { modes, settingsWith } from "../support/settings.ts";
import { compile } from "../support/subjects.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";
import { policyNamed, reordered, reworded, standing } from "./arbitraries.ts";

type Policy = NetworkPolicy & KubernetesObject;

const settings = settingsWith({ curableHold: 0 });
const surroundings = cluster.map((object) => asking("restricted", object));
const turns = fc.integer({ min: 1, max: 4 });

function request(object: Policy, others: readonly (Policy | undefined)[], oldObject?: Policy): Request {
  const present = others.filter((other) => other !== undefined);
  return {
    cluster: [...surroundings, ...present],
    operation: oldObject === undefined ? "CREATE" : "UPDATE",
    object,
    ...(oldObject === undefined ? {} : { oldObject }),
    settings,
  };
}

/** What was found and what became of it; without places, words and order. */
function findings(verdict: Verdict): string[] {
  const texts = verdict.findings.map(({ rule, finding, effect }) => `${rule.id} ${finding.key} ${effect}`);
  return [...new Set(texts)].sort();
}

describe("order", () => {
  test.prop([policyNamed("one"), standing, turns])(
    "of rules, peers, ports and expressions does not matter",
    async (object, others, by) => {
      const turned = { ...object, spec: reordered(object.spec ?? {}, by) };
      const before = await validate(request(object, others));
      const after = await validate(request(turned, others));
      expect(findings(after)).toEqual(findings(before));
      expect(after.allowed).toBe(before.allowed);
    },
  );

  test.prop([policyNamed("one"), standing])(
    "of the policies that stand, and of the list of rules, does not matter",
    async (object, others) => {
      const expected = await validate(request(object, others));
      expect(findings(await validate(request(object, [...others].reverse())))).toEqual(findings(expected));
      const asked = request(object, others);
      const subject = subjectOf(asked);
      if (subject.kind !== "NetworkPolicy") throw new Error("a policy was asked about");
      const view = viewFromObjects(asked.cluster, { interner: new Interner(), settings });
      const views = { after: viewAfter(view, subject), before: () => viewBefore(view, subject) };
      const all = modes({
        enforce: "restricted",
        warn: "restricted",
        audit: "restricted",
        patch: "restricted",
      });
      const options = { settings, modes: all, expired: () => false };
      const reversed = judge(subject, views, engineOf([...rules].reverse()), options);
      expect(findings(reversed)).toEqual(findings(expected));
    },
  );
});

describe("an update", () => {
  test.prop([policyNamed("one"), standing])("that leaves the spec is allowed", async (object, others) => {
    const labelled = { ...object, metadata: { ...object.metadata, labels: { team: "store" } } };
    const verdict = await validate(request(labelled, others, object));
    expect(verdict).toMatchObject({ allowed: true, warnings: [], skipped: "no-change" });
  });

  test.prop([policyNamed("one"), standing, turns])(
    "that says the same in another order is allowed",
    async (object, others, by) => {
      const turned = { ...object, spec: reordered(object.spec ?? {}, by) };
      const verdict = await validate(request(turned, others, object));
      expect(verdict.findings.filter(({ effect }) => effect === "deny")).toEqual([]);
      expect(verdict.allowed).toBe(true);
    },
  );

  test.prop([policyNamed("one"), standing])(
    "that says the same in other words is allowed",
    async (object, others) => {
      const other = { ...object, spec: reworded(object.spec ?? {}) };
      for (const [before, after] of [
        [object, other],
        [other, object],
      ] as const) {
        const verdict = await validate(request(after, others, before));
        expect(verdict.findings.filter(({ effect }) => effect === "deny")).toEqual([]);
      }
    },
  );

  test.prop([policyNamed("one"), policyNamed("one"), standing])(
    "that brings a fault of a rule that had none is denied",
    async (oldObject, object, others) => {
      const rulesOf = ({ findings: all }: Verdict, ...effects: readonly string[]) =>
        new Set(all.filter(({ effect }) => effects.includes(effect)).map(({ rule }) => rule.id));
      const old = rulesOf(await validate(request(oldObject, others)), "deny", "warn", "audit");
      const created = rulesOf(await validate(request(object, others)), "deny");
      const update = await validate(request(object, others, oldObject));
      const updated = rulesOf(update, "deny");
      for (const id of created) {
        if (old.has(id) || wasOpen(id, update, oldObject)) continue;
        expect([...updated]).toContain(id);
      }
    },
  );
});

describe("a repair", () => {
  const repaired = async (object: Policy, others: readonly (Policy | undefined)[]) => {
    const { patch = [], findings: repairedFor } = await mutate(request(object, others));
    // Strict: each operation is validated, each test must hold (RFC 6902).
    const copy = structuredClone(object);
    const { newDocument } = jsonpatch.applyPatch(copy, structuredClone([...patch]), true);
    return { patch, object: newDocument, rules: new Set(repairedFor.map(({ rule }) => rule.id)) };
  };

  test.prop([policyNamed("one"), standing], { numRuns: 300 })(
    "applies, only appends, removes its finding, and has nothing to do on its own outcome",
    async (object, others) => {
      const after = await repaired(object, others);
      expect(isWithin(object, after.object)).toBe(true);
      expect(after.object.metadata).toEqual(object.metadata);
      expect((await repaired(after.object, others)).patch).toEqual([]);
      const left = await validate(request(after.object, others));
      const denied = left.findings.filter(({ effect }) => effect === "deny").map(({ rule }) => rule.id);
      for (const id of after.rules) expect(denied).not.toContain(id);
    },
  );

  test.prop([policyNamed("one"), standing], { numRuns: 300 })(
    "of the class widening takes nothing away, and opens nothing but the resolver",
    async (object, others) => {
      const after = await repaired(object, others);
      for (const id of after.rules) {
        expect(rules.find((rule) => rule.id === id)?.fix?.class).toBe("widening");
      }
      const reach = (policy: Policy) => reachOf([policy, ...others.filter((other) => other !== undefined)]);
      const [was, is] = [reach(object), reach(after.object)];
      for (const [question, answer] of was) {
        if (answer === true) expect(is.get(question), question).toBe(true);
        // The TCP port goes to the peers of the UDP port, whoever they are; the appended rule names the resolver alone.
        const mayOpen = after.rules.has("dns-udp-only") || question.includes("resolver");
        if (answer === false && !mayOpen) expect(is.get(question), question).toBe(false);
      }
    },
  );
});

/** Whether the old policy opened all that the rule speaks of: in whatever words it did, the update brings nothing. */
function wasOpen(id: string, { findings: all }: Verdict, old: Policy): boolean {
  const { subject, ...compiled } = compile(old);
  const view = viewFromObjects(surroundings, { interner: new Interner(), settings });
  const labels = view.namespaces?.get("shop")?.labels ?? new Map();
  const context = { own: { name: "shop", labels }, budget: workBudget(100_000) };
  const found = all.filter(({ rule }) => rule.id === id);
  return (
    found.length > 0 &&
    found.every(({ finding: { scope } }) => {
      if (scope?.kind !== "openings") return false;
      const before = compiled[scope.direction].map((entry) => ({ subject, entry }));
      return scope.openings.every((opening) => openingCovered(opening, before, context) !== false);
    })
  );
}

/** Whether all of `part` still stands in `whole`: lists may be longer at their end, an absent field may have come. */
function isWithin(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.every((item, index) => isWithin(item, whole[index]));
  }
  if (typeof part !== "object" || part === null) return part === whole;
  if (typeof whole !== "object" || whole === null) return false;
  const entries = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([key, value]) => entries.has(key) && isWithin(value, entries.get(key)));
}

const resolverPorts = [
  { name: "dns", protocol: "UDP", port: 53 },
  { name: "dns-tcp", protocol: "TCP", port: 53 },
] as const;

const targets: readonly (readonly [string, Target])[] = [
  ["resolver", pod("kube-system", { "k8s-app": "kube-dns" }, "10.244.0.2")],
  ["prometheus", pod("monitoring", { app: "prometheus" }, "10.244.2.2")],
  ["db", pod("shop", { app: "db" }, "10.244.1.7")],
  ["outside", externalTarget("203.0.113.9") ?? pod("shop", {}, "203.0.113.9")],
];

function pod(name: string, labels: Record<string, string>, address: string): Target {
  const namespace = { name, labels: labelSet({ "kubernetes.io/metadata.name": name }) };
  const identity = { namespace, labels: labelSet(labels), hostNetwork: false };
  return { pod: identity, addresses: externalTarget(address)?.addresses ?? [] };
}

/** Who may reach what, by the evaluator. */
function reachOf(policies: readonly Policy[]): Map<string, boolean | undefined> {
  const set = policySet("shop", policies.map(compile));
  const reach = new Map<string, boolean | undefined>();
  for (const app of ["api", "frontend", "worker"]) {
    for (const direction of ["ingress", "egress"] as const) {
      for (const [name, target] of targets) {
        for (const protocol of ["UDP", "TCP"] as const) {
          for (const port of [53, 5353, 5432]) {
            const question = `${app} ${direction} ${name} ${port}/${protocol}`;
            const asked = { protocol, port, named: name === "resolver" ? resolverPorts : [] };
            reach.set(question, allows(set, direction, labelSet({ app }), target, asked));
          }
        }
      }
    }
  }
  return reach;
}
