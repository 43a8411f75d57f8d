// Fargate and virtual kubelets: no agent runs there, whatever the plugin.

import type { NodeFacts } from "../../wire/cluster-facts.ts";
import { finding } from "./agents.ts";
import type { Plugin } from "./plugin.ts";

export const virtualNodes: Plugin = {
  id: "virtual-nodes",
  title: "Fargate or virtual nodes",
  gives: ["not-enforced", "no-say"],
  find: ({ nodes, facts }) => {
    const virtual = nodes.flatMap((node) => {
      const field = signOf(node);
      return field === undefined ? [] : [{ node, field }];
    });
    const [first] = virtual;
    if (first === undefined) return undefined;
    const says = `${virtual.length} of the ${nodes.length} nodes looked at are virtual: no agent runs there`;
    const evidence = [{ object: `Node ${first.node.name}`, field: first.field, says }];
    const total = facts.nodes.state === "read" ? facts.nodes.value.total : Infinity;
    if (virtual.length >= total) return finding("not-enforced", evidence);
    return finding("no-say", evidence, ["Pods on Fargate and on virtual nodes are not policed."]);
  },
};

function signOf({ labels, providerID }: NodeFacts): string | undefined {
  if (labels.get("eks.amazonaws.com/compute-type") === "fargate")
    return "metadata.labels[eks.amazonaws.com/compute-type]";
  if (labels.get("type") === "virtual-kubelet") return "metadata.labels[type]";
  return providerID.startsWith("virtual-kubelet") ? "spec.providerID" : undefined;
}
