import { whyUnknown, type ClusterFacts, type WorkloadFacts } from "../wire/cluster-facts.ts";
import { containerOf } from "./cni/container.ts";
import { platformsOf } from "./dns/platform.ts";

/** Who answers pods at the metadata address of the cloud, as far as the cluster shows it. */
export interface MetadataServer {
  /**
   * Whether something answers there that gives each pod an identity of its own, so that pods must reach it; undefined:
   * not known.
   */
  readonly workloadIdentity: boolean | undefined;
  /** Some nodes are of GKE, where names may be resolved at the same address. */
  readonly gke: boolean;
  /** In half a sentence: what was found, or why it is not known. */
  readonly evidence: string;
}

/** Nodes of GKE on which its own metadata server stands before that of the machine. */
const gkeLabel = "iam.gke.io/gke-metadata-server-enabled";

/**
 * Agents that take the address over on each node. They are believed in kube-system alone, where no tenant can make one;
 * for one elsewhere there is configuration.
 */
const agents: readonly {
  readonly title: string;
  readonly names: readonly string[];
  readonly image: RegExp;
}[] = [
  { title: "GKE's metadata server", names: ["gke-metadata-server"], image: /(^|\/)gke-metadata-server$/ },
  { title: "kube2iam", names: ["kube2iam"], image: /(^|\/)kube2iam$/ },
  { title: "kiam", names: ["kiam", "kiam-agent"], image: /(^|\/)kiam$/ },
  { title: "AAD Pod Identity", names: ["nmi"], image: /(^|\/)nmi$/ },
];
const trusted = "kube-system";

/** What the nodes and the DaemonSets of kube-system show; undefined facts: not read yet. */
export function metadataServer(
  facts: Pick<ClusterFacts, "nodes" | "daemonSets"> | undefined,
): MetadataServer {
  if (facts === undefined) return unknown("the nodes and DaemonSets have not been read yet", false);
  const { nodes, daemonSets } = facts;
  const gke = platformsOf(facts).found.has("gke");
  const sample = nodes.state === "read" ? nodes.value.nodes : [];
  const marked = sample.find(({ labels }) => labels.get(gkeLabel) === "true");
  if (marked !== undefined) return served(`Node ${marked.name} is labelled ${gkeLabel}=true`, true);
  for (const daemonSet of daemonSets.state === "read" ? daemonSets.value : []) {
    const title = agentOf(daemonSet);
    if (title !== undefined) return served(`DaemonSet ${trusted}/${daemonSet.name} is ${title}`, gke);
  }
  const why = whyUnknown(nodes) ?? whyUnknown(daemonSets);
  if (why !== undefined) return unknown(why, gke);
  if (sample.length === 0) return unknown("there is no node yet", gke);
  return { workloadIdentity: false, gke, evidence: "no agent that serves workload identity there was found" };
}

function agentOf(daemonSet: WorkloadFacts): string | undefined {
  if (daemonSet.namespace !== trusted || daemonSet.pods?.desired === 0) return undefined;
  return agents.find(({ names, image }) => containerOf(daemonSet, names, image) !== undefined)?.title;
}

function served(evidence: string, gke: boolean): MetadataServer {
  return { workloadIdentity: true, gke, evidence };
}

function unknown(evidence: string, gke: boolean): MetadataServer {
  return { workloadIdentity: undefined, gke, evidence };
}
