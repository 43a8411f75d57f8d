// Cilium, also chained behind another plugin, and as the dataplane of AKS.

import { whyUnknown, type ContainerFacts, type Fact, type WorkloadFacts } from "../../wire/cluster-facts.ts";
import { findAgents, finding, onContainer } from "./agents.ts";
import { boolOf, containerOf, flagOf, imageTag, versionOf } from "./container.ts";
import type { Evidence } from "../evidence.ts";
import type { Gap, Plugin, PluginFinding, Surroundings } from "./plugin.ts";

export const cilium: Plugin = {
  id: "cilium",
  title: "Cilium",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      // GKE's own build of it is judged apart.
      (each) => each.name !== "anetd" && agentOf(each) !== undefined,
      (each) => judge(each, surroundings),
    ),
};

function agentOf(daemonSet: WorkloadFacts): ContainerFacts | undefined {
  return containerOf(daemonSet, ["cilium-agent"], /(^|\/)cilium\/cilium$/);
}

interface Option {
  readonly value: string;
  readonly evidence: (says: string) => Evidence;
}

function judge(daemonSet: WorkloadFacts, surroundings: Surroundings): PluginFinding {
  const agent = agentOf(daemonSet);
  if (agent === undefined) return finding("unknown", []);
  const id = `${daemonSet.namespace}/cilium-config`;
  const fact = surroundings.facts.configMaps.get(id);
  const option = (name: string): Option | undefined => {
    const given = flagOf(agent, name);
    if (given !== undefined)
      return { value: given, evidence: (says) => onContainer(daemonSet, agent, "args", says) };
    const variable = `CILIUM_${name.toUpperCase().replaceAll("-", "_")}`;
    const inEnv = agent.env.get(variable);
    if (inEnv !== undefined)
      return {
        value: inEnv,
        evidence: (says) => onContainer(daemonSet, agent, "env", `${variable}: ${says}`),
      };
    const inMap = fact?.state === "read" ? fact.value.get(name) : undefined;
    if (inMap === undefined) return undefined;
    return {
      value: inMap,
      evidence: (says) => ({ object: `ConfigMap ${id}`, field: `data[${name}]`, says }),
    };
  };
  const off = switchedOff(option);
  if (off !== undefined) return finding("not-enforced", [off]);
  const unread = unreadConfig(id, fact);
  if (unread !== undefined) {
    const evidence = [onContainer(daemonSet, agent, "image", `${agent.image}: the agent of Cilium`)];
    return { ...finding("unknown", evidence), missing: [unread] };
  }
  const mode = option("enable-policy");
  if (mode !== undefined && !["default", "always"].includes(mode.value))
    return finding("unknown", [mode.evidence(`${mode.value}: no mode that is known`)]);
  const evidence = mode?.evidence(`${mode.value}: policies are enforced`) ?? {
    object: `ConfigMap ${id}`,
    field: "data[enable-policy]",
    says: "not set, which means default: policies are enforced",
  };
  return finding("enforced", [evidence], caveats(agent, option, surroundings), gaps(agent, option));
}

/** What makes the agent run without enforcing NetworkPolicies. */
function switchedOff(option: (name: string) => Option | undefined): Evidence | undefined {
  const mode = option("enable-policy");
  if (mode?.value === "never") return mode.evidence("never: the agent enforces no policy");
  const audit = option("policy-audit-mode");
  if (boolOf(audit?.value) === true)
    return audit?.evidence("true: what a policy forbids is logged and let through");
  const watched = option("enable-k8s-networkpolicy");
  if (boolOf(watched?.value) === false)
    return watched?.evidence("false: the agent does not look at NetworkPolicies");
  return undefined;
}

function unreadConfig(id: string, fact: Fact<unknown> | undefined): string | undefined {
  if (fact === undefined) return `ConfigMap ${id} is not among the objects that are read`;
  if (fact.state === "absent")
    return `ConfigMap ${id} does not exist: the agent has its options from elsewhere`;
  return whyUnknown(fact);
}

function caveats(
  agent: ContainerFacts,
  option: (name: string) => Option | undefined,
  { nodes }: Surroundings,
): readonly string[] {
  const list = [
    matchesNodes(option)
      ? "An ipBlock never matches pods of the cluster."
      : "An ipBlock never matches pods or nodes of the cluster.",
    "Rules of a direction that policyTypes does not name are enforced (the API says that they are ignored).",
  ];
  const version = versionOf(imageTag(agent.image));
  if (version === undefined || (version.major === 1 && version.minor < 17))
    list.push("endPort is ignored before Cilium 1.17.");
  if (!sctpEnabled(option)) list.push("SCTP is not supported unless enable-sctp is true.");
  if (option("enable-policy")?.value === "always")
    list.push("enable-policy is always: pods that no policy selects are closed as well.");
  const chained = option("cni-chaining-mode")?.value ?? "none";
  if (chained !== "none")
    list.push(
      `Chained behind another plugin (${chained}): pods from before its installation are not policed until they are made anew.`,
    );
  if (nodes.some(({ labels }) => labels.get("kubernetes.azure.com/ebpf-dataplane") === "cilium"))
    list.push("Azure CNI powered by Cilium polices no pod on Windows nodes.");
  return list;
}

function gaps(agent: ContainerFacts, option: (name: string) => Option | undefined): readonly Gap[] {
  const version = versionOf(imageTag(agent.image));
  const withoutEndPort = version?.major === 1 && version.minor < 17;
  return [
    ...(withoutEndPort ? [{ feature: "endPort", cure: "update Cilium to 1.17 or later" } as const] : []),
    ...(sctpEnabled(option) ? [] : [{ feature: "SCTP", cure: "set enable-sctp of Cilium" } as const]),
    { feature: "ipBlock of pods" },
    ...(matchesNodes(option) ? [] : [{ feature: "ipBlock of nodes" } as const]),
  ];
}

/** Off by default; before 1.13 there is no such option. */
function sctpEnabled(option: (name: string) => Option | undefined): boolean {
  return boolOf(option("enable-sctp")?.value) === true;
}

function matchesNodes(option: (name: string) => Option | undefined): boolean {
  return (
    option("policy-cidr-match-mode")
      ?.value.split(/[,\s]+/)
      .includes("nodes") === true
  );
}
