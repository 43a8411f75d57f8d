import type { ObjectMeta } from "../wire/meta.ts";

/** The label and the name prefix of the policies that Ringfence itself writes. */
export const managedByLabel = "app.kubernetes.io/managed-by";
export const managedByRingfence = "ringfence";
export const companionNamePrefix = "ringfence-";

/** Whether a policy is named and labelled as Ringfence's own; who may do that is a guard's matter. */
export function isCompanion(metadata: Pick<ObjectMeta, "name" | "labels">): boolean {
  return isNamedAsCompanion(metadata) && isLabelledAsCompanion(metadata);
}

/** Whether its name is one of those that Ringfence takes for its own policies. */
export function isNamedAsCompanion({ name = "" }: Pick<ObjectMeta, "name" | "labels">): boolean {
  return name.startsWith(companionNamePrefix);
}

/** Whether it carries the label of Ringfence's own policies. */
export function isLabelledAsCompanion({ labels }: Pick<ObjectMeta, "name" | "labels">): boolean {
  const own: Readonly<Record<string, string>> = labels ?? {};
  return Object.hasOwn(own, managedByLabel) && own[managedByLabel] === managedByRingfence;
}
