// flannel: routes alone; its chart can put a container with kube-network-policies beside flanneld.

import type { WorkloadFacts } from "../../wire/cluster-facts.ts";
import { container, findAgents, on } from "./agents.ts";
import type { Plugin, PluginFinding } from "./plugin.ts";

export const flannel: Plugin = {
  id: "flannel",
  title: "flannel",
  find: (surroundings) => findAgents(surroundings, (each) => flanneldOf(each) !== undefined, judge),
};

function flanneldOf(daemonSet: WorkloadFacts): ReturnType<typeof container> {
  return container(daemonSet, ["kube-flannel"], /(^|\/)flannel$/);
}

function judge(daemonSet: WorkloadFacts): PluginFinding {
  const engine = container(daemonSet, ["kube-network-policies"], /(^|\/)kube-network-policies$/);
  if (engine !== undefined) {
    const field = `spec.template.spec.containers[${engine.name}]`;
    const says = "the policy container of flannel's chart (netpol.enabled) runs beside flanneld";
    return { verdict: "enforced", evidence: [{ ...on(daemonSet, field), says }], caveats: [] };
  }
  const evidence = {
    ...on(daemonSet, "spec.template.spec.containers"),
    says: "flanneld alone, without the container kube-network-policies: it routes and polices nothing",
  };
  return { verdict: "not-enforced", evidence: [evidence], caveats: [] };
}
