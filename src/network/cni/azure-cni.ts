// AKS with Azure CNI or kubenet and without an engine: the nodes say what was chosen.

import type { NodeFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import { finding } from "./agents.ts";
import { containerOf } from "./container.ts";
import type { Evidence } from "../evidence.ts";
import type { Plugin } from "./plugin.ts";

const policyLabel = "kubernetes.azure.com/network-policy";

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

function onNode({ name }: NodeFacts, says: string): Evidence {
  return { object: `Node ${name}`, field: `metadata.labels[${policyLabel}]`, says };
}
