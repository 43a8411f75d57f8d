// Each fix does to reach what its class says, leaves nothing of what it repairs, and has nothing to do on its own output.
import { describe, expect, it } from "vitest";
import { patched } from "#src/engine/patched.ts";
import type { FixClass, Rule } from "#src/model/rule.ts";
import { workBudget } from "#src/network/budget.ts";
import { edgeChange, type Place } from "#src/network/edges.ts";
import { exceeding } from "#src/network/entry-cover.ts";
import type { Opening } from "#src/network/opening.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { everything } from "#src/network/selector.ts";
import { withPolicy } from "#src/network/policy-set.ts";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import type { Verdict } from "#src/model/verdict.ts";
import type { LiveView } from "#src/view/live-view.ts";
import { asSent } from "../../support/objects.ts";
import type { PolicyObject } from "../../mutants/set.ts";
import { compile } from "../../support/subjects.ts";
import { by, decidingIn, mutated, validated } from "./judging.ts";
import { requestIn, sceneFor, sceneOf } from "./scenes.ts";

const any = Array.from({ length: 600 }, (_, seed) => {
  const scene = sceneOf(seed);
  return { scene, deciding: decidingIn(scene) };
});

/** Requests of every kind, and such as the rule has something to say of. */
function* scenesFor({ id }: Rule) {
  yield* any;
  for (let seed = 0; seed < 150; seed += 1) {
    const scene = sceneFor(id, seed);
    yield { scene, deciding: decidingIn(scene) };
  }
}

describe.each(
  newestOf(rules)
    .filter(({ fix }) => fix !== undefined)
    .map((rule) => [rule.id, rule] as const),
)("the fix of %s", (_, rule) => {
  it("is of its class, removes its finding, and is idempotent", async () => {
    let repaired = 0;
    for (const { scene, deciding } of scenesFor(rule)) {
      const parts = by([rule], deciding);
      const request = requestIn(scene);
      const { patch } = await mutated(parts, request);
      if (patch === undefined) continue;
      repaired += 1;
      const before = asSent(scene.object) as PolicyObject;
      const after = patched(before, patch);
      if (after === undefined) throw new Error(`scene ${scene.seed}: the patch does not apply`);
      expect(changesOf(before, after, parts.view), `scene ${scene.seed}`).toEqual(permitted(rule));
      const again = { ...request, object: after };
      expect((await mutated(parts, again)).patch, `scene ${scene.seed}: again`).toBeUndefined();
      const [denied, left] = [await validated(parts, request), await validated(parts, again)].map(keysOf);
      // Of other policies' pods there may be findings that no repair of this policy is for.
      expect(left?.length ?? 0, `scene ${scene.seed}: left`).toBeLessThan(Math.max(1, denied?.length ?? 0));
      for (const key of left ?? []) expect(denied).toContain(key);
      if (scene.oldObject === undefined) expect(left, `scene ${scene.seed}: left of a CREATE`).toEqual([]);
    }
    expect(repaired, "scenes in which it repairs something").toBeGreaterThan(20);
  });
});

/** The keys of what is denied. */
function keysOf({ findings }: Verdict): string[] {
  return findings.filter(({ effect }) => effect === "deny").map(({ finding }) => finding.key);
}

interface Changes {
  readonly isolates: "same" | "other";
  readonly wider: boolean;
  readonly narrower: boolean;
}

/** What a fix of the class must be seen to do to the policy; each repair of ours does something. */
function permitted({ fix }: Rule): Changes {
  const does: Record<FixClass, Changes> = {
    neutral: { isolates: "same", wider: false, narrower: false },
    widening: { isolates: "same", wider: true, narrower: false },
    narrowing: { isolates: "same", wider: false, narrower: true },
  };
  if (fix === undefined) throw new Error("no fix");
  return does[fix.class];
}

/**
 * What the repair does, by the evaluator: to the connections of what is there, and to what the policy opens to pods and
 * namespaces that are not there yet. Both must agree where the first sees anything.
 */
function changesOf(before: PolicyObject, after: PolicyObject, view: LiveView): Changes {
  const [was, is] = [compile(before), compile(after)];
  const own = view.namespaces?.get(was.namespace);
  const set = view.policies(was.namespace);
  if (own === undefined || set === undefined) throw new Error(`no namespace ${was.namespace}`);
  const place = (policy: CompiledPolicy): Place => ({
    namespace: own,
    policies: withPolicy(set, policy),
    groups: view.workloads(own.name) ?? [],
  });
  const others = (view.namespaces?.matching(everything("namespaces")) ?? [])
    .filter(({ name }) => name !== own.name)
    .map((namespace) => ({
      namespace,
      policies: view.policies(namespace.name),
      groups: view.workloads(namespace.name) ?? [],
    }));
  const edges = edgeChange(place(was), place(is), { others, budget: workBudget(1_000_000) });
  const opens = (a: CompiledPolicy, b: CompiledPolicy): boolean =>
    (["ingress", "egress"] as const).some((direction) =>
      exceeding(openings(a, direction), openings(b, direction), { own, budget: workBudget(1_000_000) }).some(
        ({ certain }) => certain,
      ),
    );
  const wider = opens(is, was);
  const narrower = opens(was, is);
  expect(edges.complete).toBe(true);
  if (!wider) expect(edges.gained).toEqual([]);
  if (!narrower) expect(edges.lost).toEqual([]);
  const same = was.isolates.ingress === is.isolates.ingress && was.isolates.egress === is.isolates.egress;
  return { isolates: same ? "same" : "other", wider, narrower };
}

function openings(policy: CompiledPolicy, direction: "ingress" | "egress"): Opening[] {
  return policy[direction].map((entry) => ({ subject: policy.subject, entry }));
}
