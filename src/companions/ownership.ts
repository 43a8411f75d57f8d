import type { StandingPolicy } from "../view/companion-index.ts";

/**
 * Whose a policy with the name of a companion is:
 * - ours: written for this very namespace;
 * - adoptable: ours by name and label, but of another namespace UID or none: a restored backup, or a namespace that was
 *   made again under its name;
 * - foreign: somebody else's, never touched.
 */
export type Ownership = "ours" | "adoptable" | "foreign";

/** Decides by name, label and namespace UID; the policy has the name of a companion. */
export function ownershipOf(policy: StandingPolicy, namespaceUid: string): Ownership {
  if (!policy.labelled) return "foreign";
  return policy.namespaceUid === namespaceUid ? "ours" : "adoptable";
}
