// EKS Auto Mode: the agent is part of the node image, off until a ConfigMap says otherwise.

import { whyUnknown } from "../../wire/cluster-facts.ts";
import { finding } from "./agents.ts";
import { awsConfig, awsConfigMap, controllerSwitch, onAwsConfig, standardMode } from "./aws-config.ts";
import { boolOf } from "./container.ts";
import type { Evidence } from "../evidence.ts";
import type { Plugin, PluginFinding, Surroundings } from "./plugin.ts";

export const eksAutoMode: Plugin = {
  id: "eks-auto-mode",
  title: "EKS Auto Mode",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) => {
    const node = surroundings.nodes.find(
      ({ labels }) => labels.get("eks.amazonaws.com/compute-type") === "auto",
    );
    if (node === undefined) return undefined;
    const field = "metadata.labels[eks.amazonaws.com/compute-type]";
    const says = "auto: the agent is part of the node image";
    const evidence = [{ object: `Node ${node.name}`, field, says }];
    return judge(evidence, surroundings);
  },
};

function judge(evidence: readonly Evidence[], surroundings: Surroundings): PluginFinding {
  const fact = awsConfig(surroundings);
  const why =
    fact === undefined
      ? `ConfigMap ${awsConfigMap} is not among the objects that are read`
      : whyUnknown(fact);
  if (why !== undefined) return { ...finding("unknown", evidence), missing: [why] };
  const value = controllerSwitch(fact);
  if (boolOf(value) === true) return finding("enforced", [...evidence, onAwsConfig("true")], [standardMode]);
  const says =
    value === undefined ? "not set: policies are off until it says true" : `${value}: policies are off`;
  return finding("not-enforced", [...evidence, onAwsConfig(says)]);
}
