// OVN-Kubernetes, in OpenShift and elsewhere.

import { findAgents, finding, on, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const ovnKubernetes: Plugin = {
  id: "ovn-kubernetes",
  title: "OVN-Kubernetes",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      ({ name }) => /^ovnkube-node(-|$)/.test(name),
      (each) => {
        const agent = containerOf(each, programs);
        if (agent === undefined) {
          const says = `none of ${programs.join(", ")}: the name alone does not prove OVN-Kubernetes`;
          return finding("unknown", [on(each, "spec.template.spec.containers", says)]);
        }
        return finding(
          "enforced",
          [onContainer(each, agent, undefined, "OVN-Kubernetes, which turns policies into ACLs")],
          [
            "A namespaceSelector with an empty podSelector also admits that namespace's host-network traffic.",
          ],
        );
      },
    ),
};

/** Containers that program the node, in OpenShift's manifests and in the project's own, old and new. */
const programs = ["ovnkube-controller", "ovnkube-node", "ovn-controller"];
