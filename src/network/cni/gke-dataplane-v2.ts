// GKE Dataplane V2: anetd, a build of Cilium, in which policies are always enforced.

import { findAgents, finding, on } from "./agents.ts";
import type { Plugin } from "./plugin.ts";

export const gkeDataplaneV2: Plugin = {
  id: "gke-dataplane-v2",
  title: "GKE Dataplane V2",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      ({ name, namespace }) => name === "anetd" && namespace === "kube-system",
      (each) =>
        finding(
          "enforced",
          [on(each, "metadata.name", "anetd: Dataplane V2, in which policies are always enforced")],
          ["An ipBlock never matches pods or nodes of the cluster."],
          [{ feature: "ipBlock of pods" }, { feature: "ipBlock of nodes" }],
        ),
    ),
};
