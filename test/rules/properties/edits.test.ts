// Introduces or worsens: an edit that opens nothing new is never denied, whatever the policy violated before; one that
// does is, whatever it violated before.
import { describe, expect, it } from "vitest";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import { workBudget } from "#src/network/budget.ts";
import { exceeding } from "#src/network/entry-cover.ts";
import type { Opening } from "#src/network/opening.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { Random } from "../../fuzz/random.ts";
import { noticedInEdit } from "../../mutants/judge.ts";
import { mutators } from "../../mutants/mutators/index.ts";
import type { Mutator } from "../../mutants/mutator.ts";
import { cutOff, lacksTcp } from "../../mutants/oracle.ts";
import { nameOf, type PolicyObject, type PolicySetCase } from "../../mutants/set.ts";
import { makeSet, recipeNames } from "../../mutants/recipes/index.ts";
import { asSent } from "../../support/objects.ts";
import { compile } from "../../support/subjects.ts";
import { decidingIn, deniedBy, validated } from "./judging.ts";
import { sameMeaning, takingAway } from "./edits.ts";
import { requestIn, sceneOf, type Scene } from "./scenes.ts";

/** Each policy stands, as kube-apiserver stores it. */
const scenes = Array.from({ length: 400 }, (_, seed) => {
  const scene = sceneOf(seed);
  const object = asSent(scene.object) as PolicyObject;
  return { ...scene, object, parts: decidingIn({ ...scene, oldObject: object }) };
});

/** The scene in which its policy is edited. */
function edited(scene: Scene, spec: NetworkPolicySpec): Scene {
  return { ...scene, oldObject: scene.object, object: { ...scene.object, spec } };
}

describe("an edit that opens nothing new is not denied", () => {
  it.each(Object.entries(sameMeaning))("%s, of whatever policy", async (name, edit) => {
    let edits = 0;
    for (const scene of scenes) {
      const spec = edit(structuredClone(scene.object.spec), new Random(scene.seed, 21));
      if (spec === undefined) continue;
      const after = edited(scene, spec);
      const verdict = await validated(scene.parts, requestIn(after));
      if (verdict.skipped === undefined) edits += 1;
      expect(deniedBy(verdict), `scene ${scene.seed}: ${name}`).toEqual([]);
    }
    expect(edits).toBeGreaterThan(15);
  });

  /** The rules whose findings come of what is taken away, and the protocol over which pods then lose the DNS. */
  const ofLoss = new Map<string, "UDP" | "TCP">([
    ["missing-dns-egress", "UDP"],
    ["dns-udp-only", "TCP"],
  ]);

  it.each(Object.entries(takingAway))(
    "%s taken away, but for DNS that somebody loses",
    async (name, edit) => {
      let edits = 0;
      for (const scene of scenes) {
        const spec = edit(structuredClone(scene.object.spec), new Random(scene.seed, 22));
        if (spec === undefined) continue;
        const after = edited(scene, spec);
        const verdict = await validated(scene.parts, requestIn(after));
        if (verdict.skipped === undefined) edits += 1;
        for (const rule of deniedBy(verdict)) {
          const protocol = ofLoss.get(rule);
          expect([...ofLoss.keys()], `scene ${scene.seed}: ${name}`).toContain(rule);
          // What policies of no sense leave of the DNS the naive evaluator reads otherwise.
          if (protocol === undefined || !scene.sensible) continue;
          const lost = losesDns(after, protocol) || selectsNobody(after);
          expect(lost, `scene ${scene.seed}: ${name}: ${rule}`).toBe(true);
        }
      }
      expect(edits).toBeGreaterThan(10);
    },
  );
});

/** Whether some pod may ask the DNS before the edit and not after it, as the naive evaluator sees it. */
function losesDns({ standing, object, oldObject, ...cluster }: Scene, protocol: "UDP" | "TCP"): boolean {
  const before = cutOff({ ...cluster, policies: [...standing, ...(oldObject ? [oldObject] : [])] }, protocol);
  return [...cutOff({ ...cluster, policies: [...standing, object] }, protocol)].some(
    (pod) => !before.has(pod),
  );
}

/** Whether the policy of the request is for pods yet to come, which the naive evaluator does not see. */
function selectsNobody(scene: Scene): boolean {
  const { object, surroundings } = scene;
  const only = { ...object, spec: { podSelector: object.spec.podSelector ?? {}, policyTypes: ["Egress"] } };
  return cutOff({ ...scene, surroundings, policies: [only] }, "UDP").size === 0;
}

describe("an edit that opens something is denied, whatever the policy violated before", () => {
  const denying = mutators.filter(({ id, rule }) => {
    const profile = newestOf(rules).find((each) => each.id === rule)?.profile;
    // The DNS rule of another platform may open one resolver of several, which only warns.
    return (profile === "baseline" || profile === "restricted") && id !== "dns-of-the-documentation";
  });
  /**
   * Rules that stand outside of the policyTypes are not in force, and a policy whose selector contradicts itself is for
   * nobody: what is done to them opens nothing.
   */
  const idle = ["rules-outside-policy-types", "duplicate-policy-types", "unsatisfiable-selector"];
  const first = denying.filter(({ rule }) => !idle.includes(rule));

  it.each(denying.map((mutator) => [mutator.id, mutator] as const))("%s", async (_, worse) => {
    let edits = 0;
    for (let seed = 0; seed < 150; seed += 1) {
      const random = new Random(seed, 23);
      const set = makeSet(recipeNames[seed % recipeNames.length] ?? "", seed);
      const before = first[random.below(first.length)];
      if (before === undefined || before.rule === worse.rule) continue;
      const faulty = { ...set, ...before.mutate(set, random) };
      const made = worse.mutate(faulty, random);
      if (made === undefined) continue;
      const worst = { ...faulty, ...made };
      if (!harmsMore(worse, worst, faulty)) continue;
      const said = await noticedInEdit(faulty, worst, "restricted");
      const denied = said.filter(({ effect }) => effect === "deny").map(({ rule }) => rule);
      expect(denied, `${set.recipe} ${seed} with ${before.id}`).toContain(worse.rule);
      edits += 1;
    }
    expect(edits).toBeGreaterThan(5);
  });
});

/** Rules about what a policy opens: what it opened before in other words is no news. */
const ofOpenings = new Set([
  "all-namespaces-ingress",
  "all-namespaces-egress",
  "any-peer-on-ports",
  "any-ipblock-ingress",
  "any-ipblock-egress",
  "dns-open-to-world",
  "metadata-endpoint-reachable",
  "spoofable-namespace-label",
  "wide-port-range",
  "protocol-only-port",
  "inverted-deny",
]);

/** Whether one of the policies opens what it did not open before. */
function opensMore(worst: PolicySetCase, faulty: PolicySetCase): boolean {
  return worst.policies.some((policy) => {
    const old = faulty.policies.find((each) => nameOf(each) === nameOf(policy));
    if (old === policy) return false;
    if (old === undefined) return true;
    const own = { name: policy.metadata.namespace, labels: new Map() };
    return (["ingress", "egress"] as const).some((direction) =>
      exceeding(openings(policy, direction), openings(old, direction), {
        own,
        budget: workBudget(100_000),
      }).some(({ certain }) => certain),
    );
  });
}

function openings(policy: PolicyObject, direction: "ingress" | "egress"): Opening[] {
  const compiled = compile(asSent(policy));
  return compiled[direction].map((entry) => ({ subject: compiled.subject, entry }));
}

/** Whether the further mistake does harm that the first one did not do. */
function harmsMore({ rule, harms }: Mutator, worst: PolicySetCase, faulty: PolicySetCase): boolean {
  // Of a DELETE rules of the set only warn.
  const deleted = worst.policies.length < faulty.policies.length;
  if (rule === "missing-dns-egress") {
    const before = cutOff(faulty, "UDP");
    return !deleted && [...cutOff(worst, "UDP")].some((pod) => !before.has(pod));
  }
  if (ofOpenings.has(rule) && !opensMore(worst, faulty)) return false;
  if (rule === "dns-udp-only") return lacksTcp(worst) && !lacksTcp(faulty);
  return harms?.(worst, faulty) ?? true;
}
