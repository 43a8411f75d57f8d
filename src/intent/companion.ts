// How Ringfence's own policies are named and marked: the one place that says so.

import {
  companionNamePrefix,
  isCompanion,
  isLabelledAsCompanion,
  isNamedAsCompanion,
  managedByLabel,
  managedByRingfence,
} from "../network/companion-marks.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "../wire/network-policy.ts";
import { digest } from "./names.ts";

export { isCompanion, isLabelledAsCompanion, isNamedAsCompanion };

/** The annotation with the UID of the namespace that a companion was written for. */
export const namespaceUidAnnotation = "ringfence.dev/namespace-uid";

/** The longest name that the API server takes. */
const longestName = 253;

/** The name of the companion for a purpose. */
export function companionName(purpose: string): string {
  return fitting(`${companionNamePrefix}${purpose}`, "");
}

/** Its name where an object that is not Ringfence's has the other one. */
export function otherCompanionName(purpose: string, namespaceUid: string): string {
  return fitting(`${companionNamePrefix}${purpose}`, `-${digest(namespaceUid)}`);
}

/** The names that the companion for a purpose may have, in the order in which they are taken. */
export function companionNames(purpose: string, namespaceUid: string): readonly string[] {
  return [companionName(purpose), otherCompanionName(purpose, namespaceUid)];
}

/** Whether a companion of this name is for the purpose, under its other name as well, also that of another namespace. */
export function isForPurpose(purpose: string, name: string): boolean {
  return name.startsWith(companionName(purpose));
}

/** What tells a companion from other policies: name and label; and from one of an older namespace of the same name. */
export function companionMarks(namespaceUid: string): {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
} {
  return {
    labels: { [managedByLabel]: managedByRingfence },
    annotations: { [namespaceUidAnnotation]: namespaceUid },
  };
}

/** A companion as it is written into a namespace. */
export function companionPolicy(
  name: string,
  spec: NetworkPolicySpec,
  namespace: { readonly name: string; readonly uid: string },
): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: namespace.name, ...companionMarks(namespace.uid) },
    spec,
  };
}

/** A name that would be too long is cut; a digest of all of it keeps it apart from others. */
function fitting(name: string, ending: string): string {
  if (name.length + ending.length <= longestName) return `${name}${ending}`;
  const tail = `-${digest(name)}${ending}`;
  return `${name.slice(0, longestName - tail.length).replace(/-+$/, "")}${tail}`;
}
