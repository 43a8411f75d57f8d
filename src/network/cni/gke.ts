// GKE without Dataplane V2: policies are enforced only with Calico switched on, for the cluster and for its nodes.

import { finding } from "./agents.ts";
import { felixOf } from "./felix.ts";
import type { Plugin } from "./plugin.ts";

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
