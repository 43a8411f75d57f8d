// Amazon EKS: the VPC CNI enforces natively since v1.14, switched off by default; Auto Mode has it in the node image.

import { whyUnknown, type ContainerFacts, type Fact, type WorkloadFacts } from "../../wire/cluster-facts.ts";
import { findAgents, finding, on, onContainer } from "./agents.ts";
import { boolOf, containerOf, flagOf } from "./container.ts";
import type { Evidence, Plugin, PluginFinding, Surroundings } from "./plugin.ts";

export const awsVpcCni: Plugin = {
  id: "aws-vpc-cni",
  title: "Amazon VPC CNI",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => containerOf(each, ["aws-node"], /(^|\/)amazon-k8s-cni$/) !== undefined,
      (each) => judge(each, surroundings),
    ),
};

function judge(daemonSet: WorkloadFacts, { facts }: Surroundings): PluginFinding {
  const agent = containerOf(daemonSet, ["aws-eks-nodeagent"], /(^|\/)aws-network-policy-agent$/);
  if (agent === undefined) {
    const says = "without the container aws-eks-nodeagent, which would enforce policies";
    return finding("not-enforced", [on(daemonSet, "spec.template.spec.containers", says)]);
  }
  const given = boolOf(flagOf(agent, "enable-network-policy"));
  const evidence = onContainer(
    daemonSet,
    agent,
    "args",
    `--enable-network-policy=${String(given ?? "(not given)")}`,
  );
  if (given === false) return finding("not-enforced", [evidence]);
  if (given === undefined) return finding("unknown", [evidence]);
  return withController(
    finding("enforced", [evidence], caveats(agent, daemonSet)),
    facts.configMaps.get(configMap),
  );
}

const configMap = "kube-system/amazon-vpc-cni";
const key = "enable-network-policy-controller";

/** The controller in EKS's control plane resolves policies for the agents; the ConfigMap switches it. */
function withController(found: PluginFinding, fact: ConfigMapFact): PluginFinding {
  const why = fact === undefined ? undefined : whyUnknown(fact);
  if (why !== undefined) return { ...found, verdict: "unknown", missing: [why] };
  const value = fact?.state === "read" ? fact.value.get(key) : undefined;
  const evidence = [...found.evidence, onConfigMap(value ?? "not set")];
  if (boolOf(value) === true) return { ...found, evidence };
  if (value !== undefined) return { ...found, evidence, verdict: "unknown" };
  const caveat = `ConfigMap ${configMap} does not set ${key}: a controller of your own must resolve the policies.`;
  return { ...found, evidence, caveats: [...found.caveats, caveat] };
}

type ConfigMapFact = Fact<ReadonlyMap<string, string>> | undefined;

function onConfigMap(says: string): Evidence {
  return { object: `ConfigMap ${configMap}`, field: `data[${key}]`, says };
}

function caveats(agent: ContainerFacts, daemonSet: WorkloadFacts): readonly string[] {
  const cni = containerOf(daemonSet, ["aws-node"]);
  const mode =
    cni?.env.get("NETWORK_POLICY_ENFORCING_MODE") ?? agent.env.get("NETWORK_POLICY_ENFORCING_MODE");
  return [...(mode === "strict" ? [] : [standardMode]), ...limits];
}

const standardMode =
  "A new pod may be reached and reach everything until its policies are in place (standard mode; strict closes it first).";
const limits = [
  "Pods on Fargate and on Windows nodes are not policed, nor pods without an owner; of two IP families only one is.",
  "The port of a Service must be that of its containers.",
];

export const eksAutoMode: Plugin = {
  id: "eks-auto-mode",
  title: "EKS Auto Mode",
  gives: ["enforced", "not-enforced", "unknown"],
  find: ({ nodes, facts }) => {
    const node = nodes.find(({ labels }) => labels.get("eks.amazonaws.com/compute-type") === "auto");
    if (node === undefined) return undefined;
    const field = "metadata.labels[eks.amazonaws.com/compute-type]";
    const says = "auto: the agent is part of the node image";
    const evidence = [{ object: `Node ${node.name}`, field, says }];
    return autoMode(evidence, facts.configMaps.get(configMap));
  },
};

function autoMode(evidence: readonly Evidence[], fact: ConfigMapFact): PluginFinding {
  const why =
    fact === undefined ? `ConfigMap ${configMap} is not among the objects that are read` : whyUnknown(fact);
  if (why !== undefined) return { ...finding("unknown", evidence), missing: [why] };
  const value = fact?.state === "read" ? fact.value.get(key) : undefined;
  if (boolOf(value) === true) return finding("enforced", [...evidence, onConfigMap("true")], [standardMode]);
  const says =
    value === undefined ? "not set: policies are off until it says true" : `${value}: policies are off`;
  return finding("not-enforced", [...evidence, onConfigMap(says)]);
}
