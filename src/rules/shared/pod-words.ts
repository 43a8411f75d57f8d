// How messages name pods and templates of the request's own namespace.

import type { WorkloadGroup } from "../../network/workloads.ts";
import { counted } from "./counts.ts";

/** `api-1, api-2, api-3 and 3 more`: so many names at most, in the order of the groups. */
export function podNames(groups: readonly WorkloadGroup[], most: number): string {
  const named = toldOf(groups);
  const names = named.flatMap(({ examples }) => examples).slice(0, most);
  const rest = sizeOf(named) - names.length;
  return `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** How many of them `podNames` speaks of. */
export function podCount(groups: readonly WorkloadGroup[]): number {
  return sizeOf(toldOf(groups));
}

/** `3 pods`; `1 workload` where no pod is there yet. */
export function countText(groups: readonly WorkloadGroup[]): string {
  const told = toldOf(groups);
  return counted(sizeOf(told), told.some(({ kind }) => kind === "pod") ? "pod" : "workload");
}

/** Pods; templates where no pod is there yet, for a workload and its pods would be told as if they were two. */
function toldOf(groups: readonly WorkloadGroup[]): readonly WorkloadGroup[] {
  const pods = groups.filter(({ kind }) => kind === "pod");
  return pods.length > 0 ? pods : groups;
}

function sizeOf(groups: readonly WorkloadGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
