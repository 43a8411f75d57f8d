// Calico, also as the policy engine beside another plugin: AWS VPC CNI, AKS, GKE without Dataplane V2.

import type { ContainerFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import { findAgents, finding, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import { needs } from "./deployment.ts";
import type { Plugin, PluginFinding, Surroundings } from "./plugin.ts";

export const calico: Plugin = {
  id: "calico",
  title: "Calico",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => felixOf(each) !== undefined && flanneldOf(each) === undefined,
      (each) => judge(each, surroundings),
    ),
};

/** Calico's policies over flannel's routes, in one DaemonSet. */
export const canal: Plugin = {
  id: "canal",
  title: "Canal",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => felixOf(each) !== undefined && flanneldOf(each) !== undefined,
      (each) => judge(each, surroundings),
    ),
};

export function felixOf(daemonSet: WorkloadFacts): ContainerFacts | undefined {
  return containerOf(daemonSet, ["calico-node"], /(^|\/)calico\/node$/);
}

function flanneldOf(daemonSet: WorkloadFacts): ContainerFacts | undefined {
  return containerOf(daemonSet, ["kube-flannel"], /(^|\/)flannel$/);
}

function judge(daemonSet: WorkloadFacts, { facts }: Surroundings): PluginFinding {
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
