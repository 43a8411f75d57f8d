import { modeLabel, modeNames } from "#src/model/profile.ts";
import type { Rule } from "#src/model/rule.ts";
import type { Request } from "./decisions.ts";
import { cluster, type Fixture } from "./fixtures.ts";
import { isNamespace, isPolicy, type KubernetesObject } from "./objects.ts";

/** The request that a fixture describes, in a namespace that asks for the rule's profile. */
export function requestOf(fixture: Fixture, rule: Pick<Rule, "profile">): Request {
  const objects = fixture.objects.map(inShop);
  const object = last(objects);
  const others = objects.slice(0, -1);
  const oldObject =
    fixture.operation === "UPDATE" ? others.find((other) => isSame(other, object)) : undefined;
  if (fixture.operation === "UPDATE" && oldObject === undefined) {
    throw new Error(`${fixture.name}: an UPDATE without an old object`);
  }
  const { operation, user, dryRun, settings, facts } = fixture;
  const surroundings = [...cluster, ...others.filter((other) => other !== oldObject)];
  return {
    cluster: surroundings.map((one) =>
      asking(rule.profile === "restricted" ? "restricted" : "baseline", one),
    ),
    operation,
    object,
    ...(oldObject === undefined ? {} : { oldObject }),
    user,
    dryRun,
    settings,
    facts,
  };
}

/** The namespace shop asks for the profile in every mode, but where it says otherwise itself. */
export function asking(profile: "baseline" | "restricted", object: KubernetesObject): KubernetesObject {
  if (!isNamespace(object) || object.metadata.name !== "shop") return object;
  const asked = Object.fromEntries(modeNames.map((mode) => [modeLabel(mode), profile]));
  return { ...object, metadata: { ...object.metadata, labels: { ...asked, ...object.metadata.labels } } };
}

/** A policy without a namespace is in shop. */
export function inShop(object: KubernetesObject): KubernetesObject {
  if (!isPolicy(object) || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace: "shop" } };
}

function isSame(a: KubernetesObject, b: KubernetesObject): boolean {
  return (
    a.kind === b.kind && a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace
  );
}

/** The last of the objects; throws where there is none. */
export function last(objects: readonly KubernetesObject[]): KubernetesObject {
  const object = objects.at(-1);
  if (object === undefined) throw new Error("a fixture without an object");
  return object;
}
