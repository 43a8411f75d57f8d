// Calico, also as the policy engine beside another plugin (Canal, AWS VPC CNI, AKS, GKE without Dataplane V2).

import type { WorkloadFacts } from "../../wire/cluster-facts.ts";
import { container, findAgents, on } from "./agents.ts";
import type { Plugin, PluginFinding } from "./plugin.ts";

export const calico: Plugin = {
  id: "calico",
  title: "Calico",
  find: (surroundings) => findAgents(surroundings, (each) => felixOf(each) !== undefined, judge),
};

function felixOf(daemonSet: WorkloadFacts): ReturnType<typeof container> {
  return container(daemonSet, ["calico-node"], /(^|\/)calico\/node$/);
}

function judge(daemonSet: WorkloadFacts): PluginFinding {
  const felix = felixOf(daemonSet);
  const field = `spec.template.spec.containers[${felix?.name ?? ""}].image`;
  const says = `${felix?.image ?? ""}: Felix programs NetworkPolicies`;
  return { verdict: "enforced", evidence: [{ ...on(daemonSet, field), says }], caveats: [] };
}
