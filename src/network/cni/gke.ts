// GKE: Dataplane V2 (anetd, a build of Cilium) always enforces; the older dataplane only with Calico switched on.

import { findAgents, finding, on } from "./agents.ts";
import { felixOf } from "./calico.ts";
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
        ),
    ),
};

export const gke: Plugin = {
  id: "gke",
  title: "GKE without Dataplane V2",
  gives: ["not-enforced"],
  find: ({ daemonSets, nodes, facts }) => {
    const node = nodes.find(({ labels }) => labels.has("cloud.google.com/gke-nodepool"));
    if (node === undefined || daemonSets.some(({ name }) => name === "anetd")) return undefined;
    const wanted = daemonSets.some((each) => felixOf(each) !== undefined && each.pods?.desired !== 0);
    if (wanted || facts.daemonSets.state !== "read") return undefined;
    return finding("not-enforced", [
      {
        object: `Node ${node.name}`,
        field: "metadata.labels[cloud.google.com/gke-nodepool]",
        says: "a node of GKE, where without Dataplane V2 (no DaemonSet anetd) policies need Calico, and no calico-node is wanted",
      },
    ]);
  },
};
