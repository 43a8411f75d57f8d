import { detectDnsProfile, type DnsFacts } from "#src/network/dns/detect.ts";
import type { ResolverSource } from "#src/network/dns/service-resolver.ts";
import { kubeDns } from "../cluster.ts";

export const daemonSets = { verb: "list", resource: "daemonsets.apps" } as const;
export const nodes = { verb: "list", resource: "nodes" } as const;

/** A cluster in which everything was read and nothing tells of its DNS. */
export function facts(change: Partial<DnsFacts> = {}): DnsFacts {
  return {
    nodes: { state: "read", question: nodes, value: { nodes: [], total: 0 } },
    daemonSets: { state: "read", question: daemonSets, value: [] },
    configMaps: new Map(),
    services: new Map(),
    ...change,
  };
}

/** The kinds of the resolvers that are found, or why none is known. */
export const resolvers = (given: DnsFacts, ...sources: readonly ResolverSource[]) => {
  const profile = detectDnsProfile(sources.length === 0 ? [kubeDns()] : sources, given);
  return profile.known
    ? profile.resolvers.map(({ kind, optional }) => [kind, optional].filter(Boolean).join(" "))
    : profile.evidence;
};
