import type { ClusterFacts, NodeFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import type { Evidence } from "../evidence.ts";

/** Whether NetworkPolicies have an effect. Unknown is whatever is not proven. */
export type Enforcement = "enforced" | "not-enforced" | "unknown";

/** Parts of the API that some plugins do not implement. */
export type Feature = "endPort" | "SCTP" | "ipBlock of pods" | "ipBlock of nodes";

/** A part of the API that has no effect here, or not the one that is written. */
export interface Gap {
  readonly feature: Feature;
  /** What those who run the cluster can do about it, as the end of a sentence; undefined: nothing is known. */
  readonly cure?: string;
}

/** What one plugin is found to do in this cluster. */
export interface PluginFinding {
  /** `no-say`: it is there and decides nothing, as a plugin that only chains others. */
  readonly verdict: Enforcement | "no-say";
  readonly evidence: readonly Evidence[];
  /** Where the plugin does less than the verdict says, or something else than the API's text. */
  readonly caveats: readonly string[];
  /** Of an engine that enforces; only what is certain. */
  readonly gaps?: readonly Gap[];
  /** What would have to be known to say more. */
  readonly missing?: readonly string[];
}

/** The facts as plugins look at them. */
export interface Surroundings {
  readonly facts: ClusterFacts;
  /** Those of trusted namespaces; empty where they could not be read. */
  readonly daemonSets: readonly WorkloadFacts[];
  /**
   * Those of all other namespaces, where a tenant may have made them to look like an agent. They may take certainty away
   * and give none.
   */
  readonly elsewhere: readonly WorkloadFacts[];
  /** The sample and the nodes of the control plane; empty where they could not be read. */
  readonly nodes: readonly NodeFacts[];
}

/** One network plugin, or policy engine beside one. */
export interface Plugin {
  readonly id: string;
  /** As its makers write it. */
  readonly title: string;
  /** All that it may be found to do; each is shown by a recorded cluster in the tests. */
  readonly gives: readonly PluginFinding["verdict"][];
  /** What it does here; undefined where there is no sign of it. */
  find(surroundings: Surroundings): PluginFinding | undefined;
}
