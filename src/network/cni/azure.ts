// AKS: policies by Azure NPM, Calico or Cilium, or none at all.

import type { NodeFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
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
        return finding("enforced", [evidence], caveats);
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

const policyLabel = "kubernetes.azure.com/network-policy";

/** Azure CNI or kubenet without an engine: the nodes say what was chosen. */
export const azureCni: Plugin = {
  id: "azure-cni",
  title: "AKS without network policy",
  gives: ["not-enforced", "no-say"],
  find: ({ nodes, daemonSets }) => {
    const ofAks = nodes.filter(({ labels }) => labels.has("kubernetes.azure.com/cluster"));
    const [first] = ofAks;
    if (first === undefined) return undefined;
    const chosen = new Set(ofAks.map(({ labels }) => labels.get(policyLabel)));
    const engines = [...chosen].filter((value) => value !== undefined && value !== "none");
    if (engines.length > 0) return undefined;
    if (!chosen.has(undefined))
      return finding("not-enforced", [onNode(first, "none: no policy engine was chosen")]);
    const cns = daemonSets.find(({ name, namespace }) => name === "azure-cns" && namespace === "kube-system");
    const unlabelled = onNode(first, "not set: an older node, which does not say what was chosen");
    if (cns === undefined || daemonSets.some(isEngine)) return finding("no-say", [unlabelled]);
    const evidence = {
      object: "DaemonSet kube-system/azure-cns",
      field: "metadata.name",
      says: "Azure CNI, and beside it neither Azure NPM, Calico nor Cilium",
    };
    return finding("not-enforced", [unlabelled, evidence]);
  },
};

function isEngine(daemonSet: WorkloadFacts): boolean {
  return containerOf(daemonSet, ["azure-npm", "calico-node", "cilium-agent"]) !== undefined;
}

function onNode({ name }: NodeFacts, says: string): { object: string; field: string; says: string } {
  return { object: `Node ${name}`, field: `metadata.labels[${policyLabel}]`, says };
}
