import { labelPrefix, modeLabels } from "./profile.ts";
import type { Settings } from "./settings.ts";

/** OpenShift's own: it lets its router and its monitoring in by them. */
const alwaysProtected = "policy-group.network.openshift.io/";

/** Whether only operators may set, change or remove this label of a namespace. */
export function isProtectedLabel(
  label: string,
  { protectedNamespaceLabels }: Pick<Settings, "protectedNamespaceLabels">,
): boolean {
  return protectedNamespaceLabels.has(label) || label.startsWith(alwaysProtected) || isUnreadLabel(label);
}

/** A label of Ringfence's prefix that it gives no meaning. */
export function isUnreadLabel(label: string): boolean {
  return label.startsWith(labelPrefix) && !modeLabels.includes(label);
}
