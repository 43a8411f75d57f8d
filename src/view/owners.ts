import type { ObjectMeta } from "../wire/meta.ts";

/** The kinds of workloads that are followed, by API group: at one of them a chain of owners ends, or nobody knows where. */
const followed: ReadonlyMap<string, string> = new Map([
  ["Deployment", "apps"],
  ["StatefulSet", "apps"],
  ["DaemonSet", "apps"],
  ["ReplicaSet", "apps"],
  ["Job", "batch"],
  ["CronJob", "batch"],
]);

/** An owner of a kind that is not followed. */
const stranger = "?";

/** What is known of an object by which an owner is found: who owns it in turn, and whether it is being deleted. */
export interface Owned {
  readonly owner: string | undefined;
  readonly terminating: boolean;
}

/** `ReplicaSet/web-5d9c7b`, as `rootOf` takes it; `undefined` where nothing owns the object. */
export function ownerOf({ ownerReferences = [] }: Pick<ObjectMeta, "ownerReferences">): string | undefined {
  const owner = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
  if (owner === undefined) return undefined;
  const { kind, name, apiVersion } = owner;
  return followed.get(kind) === apiVersion.split("/")[0] ? `${kind}/${name}` : stranger;
}

/** A pod's ReplicaSet, its Deployment and one more that controls that: no chain of kinds that are followed is longer. */
const longest = 5;

/**
 * What becomes of an object with this owner, by the end of its chain of owners: `undefined` where that is there and
 * stays, "going" where it is being deleted or gone, so that the garbage collector takes the object as well, "unknown" where it is
 * of a kind that is not followed.
 */
export function rootOf(
  owner: string | undefined,
  find: (owner: string) => Owned | undefined,
): "going" | "unknown" | undefined {
  let next = owner;
  for (let step = 0; next !== undefined; step++) {
    if (next === stranger || step === longest) return "unknown";
    const found = find(next);
    if (found === undefined || found.terminating) return "going";
    next = found.owner;
  }
  return undefined;
}
