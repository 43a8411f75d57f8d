// kube-network-policies: an engine of kubernetes-sigs that stands beside any plugin.

import { findAgents, finding, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const kubeNetworkPolicies: Plugin = {
  id: "kube-network-policies",
  title: "kube-network-policies",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) =>
        containerOf(each, ["kube-network-policies"], /(^|\/)kube-network-policies$/) !== undefined &&
        // Where it stands in flannel's own pods, flannel tells of it.
        containerOf(each, ["kube-flannel"]) === undefined,
      (each) => {
        const engine = containerOf(each, ["kube-network-policies"], /(^|\/)kube-network-policies$/);
        if (engine === undefined) return finding("unknown", []);
        return finding("enforced", [
          onContainer(each, engine, "image", `${engine.image}: an engine for any plugin`),
        ]);
      },
    ),
};
