// OVN-Kubernetes, in OpenShift and elsewhere.

import { findAgents, finding, on } from "./agents.ts";
import type { Plugin } from "./plugin.ts";

export const ovnKubernetes: Plugin = {
  id: "ovn-kubernetes",
  title: "OVN-Kubernetes",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      ({ name }) => /^ovnkube-node(-|$)/.test(name),
      (each) =>
        finding(
          "enforced",
          [on(each, "metadata.name", `${each.name}: OVN-Kubernetes turns policies into ACLs`)],
          [
            "A namespaceSelector with an empty podSelector also admits that namespace's host-network traffic.",
          ],
        ),
    ),
};
