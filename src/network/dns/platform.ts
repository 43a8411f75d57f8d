import { whyUnknown } from "../../wire/cluster-facts.ts";
import type { ClusterFacts, NodeFacts } from "../../wire/cluster-facts.ts";
import type { Evidence } from "../evidence.ts";

/** Platforms that bring a resolver of their own, or change where it listens. */
export type Platform = "gke" | "eks-auto-mode" | "aks-local-dns" | "gardener";

/** What the nodes say of the platform. */
export interface Platforms {
  readonly found: ReadonlySet<Platform>;
  /** Those whose mark every node of the cluster bears. */
  readonly everywhere: ReadonlySet<Platform>;
  readonly signs: readonly Evidence[];
  /** Why the nodes are not known. */
  readonly unread: readonly string[];
}

interface Mark {
  readonly platform: Platform;
  readonly field: string;
  /** What a node has in that field, if it bears the mark. */
  readonly of: (node: NodeFacts) => string | undefined;
}

/**
 * GKE labels the nodes of every node pool; EKS Auto Mode labels those whose CoreDNS is a process of the node; Gardener
 * labels the workers of a shoot with their pool; AKS labels each node with the state of its LocalDNS.
 */
const marks: readonly Mark[] = [
  labelMark("gke", "cloud.google.com/gke-nodepool"),
  labelMark("eks-auto-mode", "eks.amazonaws.com/compute-type", "auto"),
  labelMark("aks-local-dns", "kubernetes.azure.com/localdns-state", "enabled"),
  labelMark("gardener", "worker.gardener.cloud/pool"),
];

function labelMark(platform: Platform, label: string, value?: string): Mark {
  return {
    platform,
    field: "metadata.labels",
    of: ({ labels }) => {
      const found = labels.get(label);
      return found === undefined || (value !== undefined && found !== value)
        ? undefined
        : `${label}=${found}`;
    },
  };
}

/** The platforms whose marks the nodes bear. The sample of nodes stands for all. */
export function platformsOf({ nodes }: Pick<ClusterFacts, "nodes">): Platforms {
  const why = whyUnknown(nodes);
  const found = new Set<Platform>();
  const everywhere = new Set<Platform>();
  const signs: Evidence[] = [];
  if (why !== undefined) return { found, everywhere, signs, unread: [why] };
  const { nodes: sample, total } = nodes.state === "read" ? nodes.value : { nodes: [], total: 0 };
  for (const { platform, field, of } of marks) {
    const marked = sample.flatMap((node) => {
      const says = of(node);
      return says === undefined ? [] : [{ name: node.name, says }];
    });
    const [first] = marked;
    if (first === undefined) continue;
    found.add(platform);
    if (marked.length === total) everywhere.add(platform);
    const more = marked.length > 1 ? ` and ${marked.length - 1} more of ${sample.length} read` : "";
    signs.push({ object: `Node ${first.name}${more}`, field, says: first.says });
  }
  return { found, everywhere, signs, unread: [] };
}
