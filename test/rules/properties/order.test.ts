// No verdict of any rule depends on the order of objects, policies, rules, peers, ports, values or keys.
import { describe, expect, it } from "vitest";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import { Random } from "../../fuzz/random.ts";
import { shuffled } from "../../mutants/orders.ts";
import type { PolicyObject } from "../../mutants/set.ts";
import { validate, type Request } from "../../support/decisions.ts";
import { requestOf } from "../../support/fixture-requests.ts";
import { filesIn, readFixture } from "../../support/fixtures.ts";
import { isNamespace, isPolicy, type KubernetesObject } from "../../support/objects.ts";
import { decided, decidingIn, validated } from "./judging.ts";
import { requestIn, sceneOf, type Scene } from "./scenes.ts";
import { turned } from "./turned.ts";

function sceneInOtherOrder(scene: Scene): Scene {
  const random = new Random(scene.seed, 5);
  const other = (policy: PolicyObject): PolicyObject => turned(policy, random);
  return {
    ...scene,
    standing: shuffled(scene.standing, random).map(other),
    object: other(scene.object),
    oldObject: scene.oldObject && other(scene.oldObject),
  };
}

/** The request with all that is judged in another order; what stands in the cluster as well. */
function requestInOtherOrder(request: Request, random: Random): Request {
  const other = (object: KubernetesObject): KubernetesObject =>
    isPolicy(object) || isNamespace(object) ? turned(object, random) : object;
  const { oldObject } = request;
  return {
    ...request,
    // Of two with one name the later counts, so that such a cluster stays as it is.
    cluster: hasTwins(request.cluster)
      ? request.cluster.map(other)
      : shuffled(request.cluster.map(other), random),
    object: other(request.object),
    ...(oldObject === undefined ? {} : { oldObject: other(oldObject) }),
  };
}

function hasTwins(objects: readonly KubernetesObject[]): boolean {
  const names = objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`,
  );
  return new Set(names).size < names.length;
}

/** What is said of each random request, and of the same in another order. */
const said = await Promise.all(
  Array.from({ length: 300 }, async (_, seed) => {
    const scene = sceneOf(seed);
    const other = sceneInOtherOrder(scene);
    const [first, then] = await Promise.all(
      [scene, other].map(async (one) => decided(await validated(decidingIn(one), requestIn(one)))),
    );
    return { seed, first: first ?? [], then: then ?? [] };
  }),
);

describe.each(newestOf(rules).map((rule) => [rule.id, rule] as const))(
  "%s says the same whatever the order",
  (id, rule) => {
    // The random requests are for policies.
    if (rule.kind === "NetworkPolicy") {
      it("of random requests", () => {
        const own = (lines: readonly string[]) => lines.filter((line) => line.startsWith(`${id} `));
        for (const { seed, first, then } of said) expect(own(then), `scene ${seed}`).toEqual(own(first));
      });
    }

    const paths = ["allow", "deny"].flatMap((folder) => filesIn("rules", id, folder));
    it("of its fixtures, by all rules", async () => {
      for (const path of paths) {
        const request = requestOf(readFixture(path, id), rule);
        const once = decided(await validate(request));
        for (let seed = 0; seed < 3; seed += 1) {
          const saidThen = decided(await validate(requestInOtherOrder(request, new Random(seed, 11))));
          expect(saidThen, path).toEqual(once);
        }
      }
    });
  },
);
