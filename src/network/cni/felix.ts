// Felix, the part of Calico that programs policies: in Calico's own agents and in those of Canal.

import type { ContainerFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import { finding, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import { needs } from "./deployment.ts";
import type { PluginFinding, Surroundings } from "./plugin.ts";

/** The container of a DaemonSet that runs Felix. */
export function felixOf(daemonSet: WorkloadFacts): ContainerFacts | undefined {
  return containerOf(daemonSet, ["calico-node"], /(^|\/)calico\/node$/);
}

/** The container of a DaemonSet that runs flannel. */
export function flanneldOf(daemonSet: WorkloadFacts): ContainerFacts | undefined {
  return containerOf(daemonSet, ["kube-flannel"], /(^|\/)flannel$/);
}

/** What an agent with Felix does. */
export function judgeFelix(daemonSet: WorkloadFacts, { facts }: Surroundings): PluginFinding {
  const felix = felixOf(daemonSet);
  if (felix === undefined) return finding("unknown", []);
  const found = finding("enforced", [
    onContainer(daemonSet, felix, "image", `${felix.image}: Felix, which programs NetworkPolicies`),
  ]);
  // With a store of its own Calico sees policies only through its controllers.
  if (felix.env.get("DATASTORE_TYPE") === "kubernetes") return found;
  const id = `${daemonSet.namespace}/calico-kube-controllers`;
  const does = "copies policies into Calico's own store, since DATASTORE_TYPE is not kubernetes";
  return needs(found, id, facts.deployments.get(id), does);
}
