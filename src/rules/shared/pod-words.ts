// How messages name pods and templates of the request's own namespace.

import type { WorkloadGroup } from "../../network/workloads.ts";
import { counted } from "./counts.ts";

/** `api-1, api-2, api-3 and 3 more`: so many names at most, in the order of the groups. */
export function podNames(groups: readonly WorkloadGroup[], most: number): string {
  const names = groups.flatMap(({ examples }) => examples).slice(0, most);
  const rest = podCount(groups) - names.length;
  return `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** How many pods and templates there are. */
export function podCount(groups: readonly WorkloadGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** `3 pods`; `1 workload` where no pod is there yet. */
export function countText(groups: readonly WorkloadGroup[]): string {
  const pods = podCount(groups.filter(({ kind }) => kind === "pod"));
  return pods > 0 ? counted(pods, "pod") : counted(podCount(groups), "workload");
}
