// What rules ask about parts of the API that the cluster's network plugin does not implement.

import type { CniVerdict } from "../../network/cni-verdict.ts";
import type { Feature } from "../../network/cni/plugin.ts";

type PluginGap = CniVerdict["gaps"][number];

/** Undefined where the feature is there, or nobody knows. */
export function gapOf(cni: CniVerdict | undefined, feature: Feature): PluginGap | undefined {
  if (cni?.verdict !== "enforced") return undefined;
  return cni.gaps.find((gap) => gap.feature === feature);
}

/** `, or have those who run the cluster update Cilium to 1.17 or later`, as the end of a remedy; empty where nothing helps. */
export function cureText({ cure }: Pick<PluginGap, "cure">): string {
  return cure === undefined ? "" : `, or have those who run the cluster ${cure}`;
}
