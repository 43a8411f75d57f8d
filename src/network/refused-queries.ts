import type { Budget } from "./budget.ts";
import type { DnsProfile, DnsResolver } from "./dns-profile.ts";
import type { AllowEntry, CompiledPolicy } from "./policy.ts";
import { isolating } from "./policy-set.ts";
import type { PolicySet } from "./policy-set.ts";
import { opensPort } from "./ports.ts";
import { everything, isEverything, matches, selectorOf } from "./selector.ts";
import { coveredBy } from "./selector-cover.ts";
import type { Selector } from "./selector.ts";
import { obeysPolicies } from "./workloads.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** Of a namespace in which pods serve the cluster's DNS. */
export interface QueryQuestion {
  readonly set: PolicySet;
  /** Companions that are due, stored or not: they count for what they open. */
  readonly dueCompanions: readonly CompiledPolicy[];
  readonly groups: readonly WorkloadGroup[];
  readonly resolvers: readonly DnsResolver[];
  /** The names of the namespaces that a selector selects. */
  readonly selected: (selector: Selector) => readonly string[];
  readonly budget: Budget;
}

/** Whose queries the pods of a resolver let in. */
export interface QueriesOf {
  readonly resolver: DnsResolver;
  readonly group: WorkloadGroup;
  /** Over UDP and over TCP, on the ports on which its pods listen. */
  readonly udp: Admitted;
  readonly tcp: Admitted;
  /** Somebody is let in whom no selector means, as caches on nodes are. */
  readonly addresses: boolean;
  /** `53/UDP and 53/TCP` as numbers. */
  readonly ports: readonly number[];
}

/**
 * Whose queries are let in: all pods'; those of other namespaces, but not of these many; nobody's from outside of the
 * own namespace. A range may be that of all pods, and then nothing is known.
 */
export type Admitted =
  | { readonly from: "all" | "none" | "unknown" }
  | { readonly from: "some"; readonly refusedNamespaces: number };

/** The resolvers whose pods stand in the namespace, on the network of pods. */
export function resolversIn(profile: DnsProfile, namespace: string): readonly DnsResolver[] {
  if (!profile.known) return none;
  return profile.resolvers.filter(
    ({ podLabels, endpoints }) =>
      podLabels.size > 0 && endpoints.some((endpoint) => isPodIn(endpoint, namespace)),
  );
}

const none: readonly DnsResolver[] = [];

function isPodIn(
  endpoint: { readonly namespace: string; readonly hostNetwork: boolean },
  namespace: string,
): boolean {
  return endpoint.namespace === namespace && !endpoint.hostNetwork;
}

/** Whose queries the policies let in to the pods that serve the DNS; of pods that are not isolated nothing. */
export function admittedQueries(question: QueryQuestion): readonly QueriesOf[] {
  const { set, dueCompanions, groups, resolvers, budget } = question;
  const closing = isolating(set, "ingress");
  if (closing.length === 0) return [];
  return resolvers.flatMap((resolver) => {
    const selector = selectorOf(resolver.podLabels, "pods");
    const ports = resolver.endpoints
      .filter((endpoint) => isPodIn(endpoint, set.namespace))
      .flatMap((endpoint) => endpoint.ports);
    const numbers = (protocol: "UDP" | "TCP"): number[] => [
      ...new Set(ports.filter((each) => each.protocol === protocol).map(({ port }) => port)),
    ];
    budget.tick(groups.length);
    return groups.flatMap((group): QueriesOf[] => {
      if (!obeysPolicies(group) || !matches(selector, group.labels)) return [];
      budget.tick(closing.length);
      if (!closing.some(({ subject }) => matches(subject, group.labels))) return [];
      const entries = [...set.policies, ...dueCompanions]
        .filter(({ subject }) => matches(subject, group.labels))
        .flatMap(({ ingress }) => ingress);
      const [udp, tcp] = (["UDP", "TCP"] as const).map((protocol) => {
        const open = openOn(entries, group, protocol, numbers(protocol));
        return { admitted: admittedBy(open, question), open };
      });
      if (udp === undefined || tcp === undefined) return [];
      const addresses = [...udp.open, ...tcp.open].some(
        ({ peers }) => peers === "any" || peers.some(({ kind }) => kind === "ipBlock"),
      );
      const all = [...new Set(ports.map(({ port }) => port))];
      return [{ resolver, group, udp: udp.admitted, tcp: tcp.admitted, addresses, ports: all }];
    });
  });
}

/** The entries that open one of the ports, or may. */
function openOn(
  entries: readonly AllowEntry[],
  { namedPorts }: WorkloadGroup,
  protocol: "UDP" | "TCP",
  numbers: readonly number[],
): readonly AllowEntry[] {
  return entries.filter(({ ports }) =>
    numbers.some((number) => opensPort(ports, protocol, number, namedPorts) !== false),
  );
}

function admittedBy(
  entries: readonly AllowEntry[],
  { set, selected, budget }: Pick<QueryQuestion, "set" | "selected" | "budget">,
): Admitted {
  const whole: Selector[] = [];
  const part: Selector[] = [];
  let own = false;
  for (const { peers } of entries) {
    budget.tick(1 + (peers === "any" ? 0 : peers.length));
    if (peers === "any") return { from: "all" };
    for (const peer of peers) {
      if (peer.kind === "ipBlock") return { from: "unknown" };
      if (peer.namespaces === "own") own ||= isEverything(peer.pods);
      else if (isEverything(peer.pods)) whole.push(peer.namespaces);
      else part.push(peer.namespaces);
    }
  }
  if (whole.length > 0 && coveredBy(everything("namespaces"), whole, budget) === true) return { from: "all" };
  const admitted = new Set(whole.flatMap(selected));
  if (own) admitted.add(set.namespace);
  const reached = new Set([...admitted, ...part.flatMap(selected)]);
  reached.delete(set.namespace);
  if (reached.size === 0) return { from: "none" };
  const refused = selected(everything("namespaces")).filter((name) => !admitted.has(name)).length;
  return refused === 0 ? { from: "all" } : { from: "some", refusedNamespaces: refused };
}
