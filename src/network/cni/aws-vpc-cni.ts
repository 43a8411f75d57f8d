// Amazon VPC CNI: enforces natively since v1.14, by an agent of its own that is switched off by default.

import { whyUnknown, type ContainerFacts, type WorkloadFacts } from "../../wire/cluster-facts.ts";
import { findAgents, finding, on, onContainer } from "./agents.ts";
import {
  awsConfig,
  awsConfigMap,
  controllerKey,
  controllerSwitch,
  onAwsConfig,
  standardMode,
} from "./aws-config.ts";
import { boolOf, containerOf, flagOf } from "./container.ts";
import type { Plugin, PluginFinding, Surroundings } from "./plugin.ts";

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

function judge(daemonSet: WorkloadFacts, surroundings: Surroundings): PluginFinding {
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
  return withController(finding("enforced", [evidence], caveats(agent, daemonSet)), awsConfig(surroundings));
}

/** The controller in EKS's control plane resolves policies for the agents; the ConfigMap switches it. */
function withController(found: PluginFinding, fact: ReturnType<typeof awsConfig>): PluginFinding {
  const why = fact === undefined ? undefined : whyUnknown(fact);
  if (why !== undefined) return { ...found, verdict: "unknown", missing: [why] };
  const value = controllerSwitch(fact);
  const evidence = [...found.evidence, onAwsConfig(value ?? "not set")];
  if (boolOf(value) === true) return { ...found, evidence };
  if (value !== undefined) return { ...found, evidence, verdict: "unknown" };
  const caveat = `ConfigMap ${awsConfigMap} does not set ${controllerKey}: a controller of your own must resolve the policies.`;
  return { ...found, evidence, caveats: [...found.caveats, caveat] };
}

function caveats(agent: ContainerFacts, daemonSet: WorkloadFacts): readonly string[] {
  const cni = containerOf(daemonSet, ["aws-node"]);
  const mode =
    cni?.env.get("NETWORK_POLICY_ENFORCING_MODE") ?? agent.env.get("NETWORK_POLICY_ENFORCING_MODE");
  return [...(mode === "strict" ? [] : [standardMode]), ...limits];
}

const limits = [
  "Pods on Fargate and on Windows nodes are not policed, nor pods without an owner; of two IP families only one is.",
  "The port of a Service must be that of its containers.",
];
