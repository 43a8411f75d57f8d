import type { ClusterFacts } from "../../wire/cluster-facts.ts";
import type { DnsGrounds, DnsKind, DnsProfile, DnsResolver } from "../dns-profile.ts";
import type { Evidence } from "../evidence.ts";
import { askedServices, dnsNamespaces, dnsRank, openshiftNamespace } from "./candidates.ts";
import { answeredByNobody, clusterDnsOf } from "./kubelet-config.ts";
import { isLinkLocalOnly, nodeLocalCaches, type NodeLocalCaches } from "./node-local.ts";
import { aksLocalDns, autoModeDns, cloudDns } from "./node-resolver.ts";
import { platformsOf, type Platforms } from "./platform.ts";
import { awaitedResolver, serviceResolver, type ResolverSource } from "./service-resolver.ts";

/** The facts that detection looks at. */
export type DnsFacts = Pick<ClusterFacts, "nodes" | "daemonSets" | "configMaps" | "services">;

/** What is known before facts have been read. */
const notReadYet = "the nodes and DaemonSets have not been read yet";

/**
 * The profile from the cluster's own objects: the DNS Services of `dnsNamespaces` with their endpoints and pods, and the
 * facts of platform and caches; undefined: not read yet. What contradicts itself is not known, and neither is a Service
 * without a ready endpoint: whether a pod could reach it cannot be said.
 */
export function detectDnsProfile(services: readonly ResolverSource[], facts?: DnsFacts): DnsProfile {
  const platforms = facts === undefined ? unreadPlatforms : platformsOf(facts);
  const caches = nodeLocalCaches(facts ?? noFacts);
  const cluster = clusterDnsOf(facts ?? noFacts);
  const unread = [...platforms.unread, ...caches.unread, ...cluster.unread];
  const signs = [...platforms.signs, ...cluster.signs, ...caches.signs];
  const unknown = (evidence: string, found: readonly DnsResolver[] = []): DnsProfile => ({
    known: false,
    evidence,
    signs: [...signs, ...found.flatMap((resolver) => resolver.signs)],
    unread,
  });
  if (caches.unclear !== undefined) return unknown(caches.unclear);
  const clouds = [...platforms.found].flatMap((platform) => titles.get(platform) ?? []);
  if (clouds.length > 1) return unknown(`there are nodes labelled as those of ${clouds.join(" and ")}`);
  const asked = askedServices(services, caches.upstreams);
  const behind = behindServices(asked, platforms);
  if ("idle" in behind) return unknown(`Service ${behind.idle.name} has no ready endpoint`, [behind.idle]);
  const onNodes = nodeResolvers(asked, behind.resolvers, caches, platforms, facts ?? noFacts);
  if (behind.resolvers.length + onNodes.length === 0) {
    const where = `no DNS Service was found in ${dnsNamespaces.join(" or ")}`;
    return unknown(where, caches.resolvers);
  }
  // Where pods are told to ask the cache, those are left that were made before.
  const beside =
    caches.resolvers.some(isLinkLocalOnly) ||
    platforms.everywhere.has("eks-auto-mode") ||
    platforms.everywhere.has("aks-local-dns");
  const resolvers = [
    ...behind.resolvers.map((resolver) =>
      beside ? { ...resolver, optional: "besides" as const } : resolver,
    ),
    ...caches.resolvers,
    ...onNodes,
  ];
  const stray = answeredByNobody(cluster.addresses, resolvers);
  if (stray !== undefined) {
    const names = resolvers.map(({ name }) => name).join(", ");
    return unknown(`kubelets are told to use ${stray}, which is no address of ${names}`, resolvers);
  }
  return known(resolvers, { signs, unread });
}

/** Of these a cluster has nodes of one. */
const titles: ReadonlyMap<string, string> = new Map([
  ["gke", "GKE"],
  ["eks-auto-mode", "EKS Auto Mode"],
  ["aks-local-dns", "AKS with LocalDNS"],
]);

const noFacts: DnsFacts = {
  nodes: { state: "absent", question: { verb: "list", resource: "nodes" } },
  daemonSets: { state: "absent", question: { verb: "list", resource: "daemonsets.apps" } },
  configMaps: new Map(),
  services: new Map(),
};

const unreadPlatforms: Platforms = {
  found: new Set(),
  everywhere: new Set(),
  signs: [],
  unread: [notReadYet],
};

function known(resolvers: readonly DnsResolver[], grounds: Omit<DnsGrounds, "evidence">): DnsProfile {
  const evidence = resolvers
    .map(({ evidence: found, optional }) => found + optionalText(optional))
    .join("; ");
  const signs: Evidence[] = [...grounds.signs];
  const told = new Set(signs.map(textOf));
  for (const sign of resolvers.flatMap((resolver) => resolver.signs)) {
    if (told.has(textOf(sign))) continue;
    told.add(textOf(sign));
    signs.push(sign);
  }
  return { known: true, resolvers, evidence, signs, unread: grounds.unread };
}

function optionalText(optional: DnsResolver["optional"]): string {
  if (optional === undefined) return "";
  return optional === "instead" ? ", which pods may ask instead" : ", which pods may ask besides";
}

function textOf({ object, field, says }: Evidence): string {
  return JSON.stringify([object, field, says]);
}

/** The resolvers behind Services, or the one that has no endpoint where it ought to have. */
function behindServices(
  asked: readonly ResolverSource[],
  platforms: Platforms,
): { readonly resolvers: readonly DnsResolver[] } | { readonly idle: DnsResolver } {
  // There pods resolve names without the pods of a Service, which may be a mere place holder.
  const withoutPods = platforms.found.has("gke") || platforms.found.has("eks-auto-mode");
  const resolvers: DnsResolver[] = [];
  for (const source of asked) {
    const resolver = serviceResolver(source, kindOf(source, platforms));
    if (resolver.endpoints.length > 0) resolvers.push(resolver);
    else if (!withoutPods) return { idle: resolver };
    else if (!platforms.everywhere.has("eks-auto-mode")) {
      resolvers.push(...[awaitedResolver(source, resolver.kind)].filter((each) => each !== undefined));
    }
  }
  return { resolvers };
}

function kindOf({ service }: ResolverSource, platforms: Platforms): DnsKind {
  if (service.metadata.namespace === openshiftNamespace) return "openshift";
  if (dnsRank(service) !== 0) return "coredns";
  return platforms.found.has("gardener") ? "gardener" : "kube-dns";
}

/** The resolvers of the platform, which are no pods. */
function nodeResolvers(
  asked: readonly ResolverSource[],
  behind: readonly DnsResolver[],
  caches: NodeLocalCaches,
  platforms: Platforms,
  facts: DnsFacts,
): readonly DnsResolver[] {
  if (platforms.found.has("eks-auto-mode")) return [autoModeDns(asked, facts, platforms.signs)];
  if (platforms.found.has("aks-local-dns")) return [aksLocalDns(platforms.signs)];
  if (!platforms.found.has("gke")) return [];
  const resolver = cloudDns(platforms.signs);
  if (caches.resolvers.length > 0) return [{ ...resolver, optional: "besides" }];
  // With Cloud DNS the pods of kube-dns go on running; nothing in the cluster says which of the two kubelets name to pods.
  const served = behind.some(({ optional }) => optional === undefined);
  return [served ? { ...resolver, optional: "instead" } : resolver];
}
