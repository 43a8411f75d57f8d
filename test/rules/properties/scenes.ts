// Random requests for policies, each in a cluster of its own, for properties that hold for every rule: sound and broken sets
// made by recipe, and policies of nearly any shape beside random others.
import type { Request } from "../../support/decisions.ts";
import { isNamespace, type KubernetesObject } from "../../support/objects.ts";
import { modeLabel, modeNames } from "#src/model/profile.ts";
import type { Settings } from "#src/model/settings.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { names, Objects } from "../../fuzz/objects.ts";
import { Random } from "../../fuzz/random.ts";
import { mutators } from "../../mutants/mutators/index.ts";
import { makeSet, recipeNames } from "../../mutants/recipes/index.ts";
import { platforms } from "../../mutants/platforms.ts";
import { nameOf, type Platform, type PolicyObject } from "../../mutants/set.ts";
import { cluster } from "../../support/fixtures.ts";
import { settingsWith } from "../../support/settings.ts";

/** Operators are known, so that guards speak; some labels of namespaces are protected. */
export const settings: Settings = settingsWith({
  curableHold: 0,
  operators: { users: new Set(), groups: new Set(["platform"]) },
  protectedNamespaceLabels: new Set(["example.com/customer"]),
});

/** A cluster, the policies in it, and the request for one of them: an UPDATE where another of its name stands. */
export interface Scene {
  readonly seed: number;
  readonly platform: Platform;
  /** kube-apiserver would take its policies. */
  readonly sensible: boolean;
  /** All but policies; every namespace asks for restricted in all modes. */
  readonly surroundings: readonly KubernetesObject[];
  /** Without the one of the request. */
  readonly standing: readonly PolicyObject[];
  readonly object: PolicyObject;
  readonly oldObject: PolicyObject | undefined;
}

/** The scene of this seed: every second one of a recipe, the others of random policies. */
export function sceneOf(seed: number): Scene {
  const random = new Random(seed, 99);
  return seed % 2 === 0 ? ofRecipe(seed, random) : ofAnyShape(seed, random);
}

/** A scene of this seed with a mistake that the rule must notice, wherever there is a place for it. */
export function sceneFor(rule: string, seed: number): Scene {
  const own = mutators.filter((mutator) => mutator.rule === rule);
  return ofRecipe(seed, new Random(seed, 98), own);
}

/** A set with a mistake in it, or without, and the request for the policy that the mistake is in, or for any. */
function ofRecipe(seed: number, random: Random, among = mutators): Scene {
  const set = makeSet(recipeNames[(seed >> 1) % recipeNames.length] ?? "", random.below(1_000));
  const mutator = among[random.below(among.length)];
  const mutant = { ...set, ...mutator?.mutate(set, random) };
  const faulty = mutant.policies.find((policy) => !set.policies.includes(policy));
  const object = faulty ?? mutant.policies[random.below(mutant.policies.length)];
  if (object === undefined) throw new Error(`${set.recipe} makes no policy`);
  const old = set.policies.find((policy) => nameOf(policy) === nameOf(object));
  return {
    seed,
    platform: set.platform,
    sensible: true,
    surroundings: [...set.platform.objects, ...mutant.surroundings].map(asking),
    standing: mutant.policies.filter((policy) => policy !== object),
    object,
    oldObject: old !== object && random.chance(0.5) ? old : undefined,
  };
}

/** Of no cloud that serves workload identity at the metadata address. */
const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" }, spec: {} };

/** Policies in the shape of the API and of no sense, in the cluster that is under every fixture. */
function ofAnyShape(seed: number, random: Random): Scene {
  const objects = new Objects(random, 0);
  const made = (name: string): PolicyObject => {
    const { spec = {} } = objects.policy(name, "shop") as { spec?: NetworkPolicySpec };
    return {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace: "shop" },
      spec,
    };
  };
  const [name, ...others] = names;
  return {
    seed,
    platform: { ...platforms[0], objects: [] },
    sensible: false,
    surroundings: [...cluster, node].map(asking),
    standing: others.slice(0, random.below(others.length + 1)).map(made),
    object: made(name),
    oldObject: random.chance(0.6) ? made(name) : undefined,
  };
}

function asking(object: KubernetesObject): KubernetesObject {
  if (!isNamespace(object) || object.metadata.name === "kube-system") return object;
  const asked = Object.fromEntries(modeNames.map((mode) => [modeLabel(mode), "restricted"]));
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...asked } } };
}

/** The request of the scene. */
export function requestIn({ object, oldObject }: Scene): Request {
  const request = { cluster: [], operation: "CREATE" as const, object, settings };
  return oldObject === undefined ? request : { ...request, operation: "UPDATE", oldObject };
}
