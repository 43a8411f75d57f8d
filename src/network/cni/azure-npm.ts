// Azure NPM, the policy engine of AKS that goes.

import type { WorkloadFacts } from "../../wire/cluster-facts.ts";
import { findAgents, finding, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const azureNpm: Plugin = {
  id: "azure-npm",
  title: "Azure NPM",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => npmOf(each) !== undefined,
      (each) => {
        const npm = npmOf(each);
        if (npm === undefined) return finding("unknown", []);
        const evidence = onContainer(each, npm, "image", `${npm.image}: Azure Network Policy Manager`);
        return finding("enforced", [evidence], caveats, [{ feature: "endPort" }]);
      },
    ),
};

function npmOf(daemonSet: WorkloadFacts): ReturnType<typeof containerOf> {
  return containerOf(daemonSet, ["azure-npm"], /(^|\/)azure-npm$/);
}

const caveats = [
  "endPort is not supported.",
  "Azure ends its support: for Windows nodes on 2026-09-30, for Linux at the latest on 2028-09-30. Move to Cilium.",
];
