import type { ApiServerSource } from "./api-server-source.ts";
import type { Budget } from "./budget.ts";
import type { CalledService } from "./called-services.ts";
import { blockHolds } from "./cidr.ts";
import type { AllowEntry, CompiledPolicy, IpBlockPeer, Peer } from "./policy.ts";
import { isolating } from "./policy-set.ts";
import type { PolicySet } from "./policy-set.ts";
import { opensPort, targetNumber } from "./ports.ts";
import { anyOf, bothOf, peerMatches } from "./reachability.ts";
import type { TargetPort } from "./reachability.ts";
import { matches } from "./selector.ts";
import { SelectorIndex } from "./selector-index.ts";
import type { ServiceFacts } from "./services.ts";
import { obeysPolicies } from "./workloads.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** Of one namespace. */
export interface CallQuestion {
  readonly set: PolicySet;
  /** Companions that are due, stored or not: they count for what they open. */
  readonly dueCompanions: readonly CompiledPolicy[];
  readonly called: readonly CalledService[];
  readonly services: ReadonlyMap<string, ServiceFacts>;
  readonly groups: readonly WorkloadGroup[];
  readonly source: ApiServerSource;
  readonly budget: Budget;
}

/** Pods behind a Service that the API server calls, and that do not let it in. */
export interface ClosedCall {
  readonly called: CalledService;
  readonly group: WorkloadGroup;
  /** Of the pods, over TCP. */
  readonly port: number;
}

/** Which calls of the API server the policies surely refuse. Whatever is not known refuses nothing. */
export function closedCalls(question: CallQuestion): readonly ClosedCall[] {
  const { set, dueCompanions, called, services, groups, source, budget } = question;
  if (called.length === 0) return [];
  const closing = isolating(set, "ingress");
  if (closing.length === 0) return [];
  const isolates = new SelectorIndex(closing, ({ subject }) => subject);
  const opening = [...set.policies, ...dueCompanions].filter(({ ingress }) => ingress.length > 0);
  const opens = new SelectorIndex(opening, ({ subject }) => subject);
  const closed = (group: WorkloadGroup, port: number): boolean => {
    if (isolates.matching(group.labels, budget).length === 0) return false;
    const target: TargetPort = { protocol: "TCP", port, named: group.namedPorts };
    return opens
      .matching(group.labels, budget)
      .every(({ ingress }) =>
        ingress.every((entry) => admitsApiServer(entry, set.namespace, target, source, budget) === false),
      );
  };
  return called.flatMap((call) =>
    answering(call, services, groups, budget).flatMap(({ group, port }) =>
      closed(group, port) ? [{ called: call, group, port }] : [],
    ),
  );
}

/** The pods and templates that answer a call and to which policies apply, with the port of theirs where that is known. */
function answering(
  { service: name, port }: CalledService,
  services: ReadonlyMap<string, ServiceFacts>,
  groups: readonly WorkloadGroup[],
  budget: Budget,
): readonly { readonly group: WorkloadGroup; readonly port: number }[] {
  const { selector, ports = [] } = services.get(name) ?? {};
  const target = ports.find((each) => each.port === port);
  if (selector === undefined || target?.protocol !== "TCP") return [];
  budget.tick(groups.length);
  return groups.flatMap((group) => {
    if (!obeysPolicies(group) || !matches(selector, group.labels)) return [];
    const number = targetNumber(group.namedPorts, target.targetPort);
    return number === undefined ? [] : [{ group, port: number }];
  });
}

/** Whether an ingress entry, in a policy of the namespace `own`, lets the API server in on this port of the pods. */
function admitsApiServer(
  { peers, ports }: AllowEntry,
  own: string,
  { port, named }: TargetPort,
  source: ApiServerSource,
  budget: Budget,
): boolean | undefined {
  const opens = opensPort(ports, "TCP", port, named);
  budget.tick(1 + (peers === "any" ? 0 : peers.length));
  if (peers === "any" || opens === false) return opens;
  return bothOf(opens, anyOf(peers.map((peer) => meansApiServer(peer, own, source))));
}

function meansApiServer(peer: Peer, own: string, source: ApiServerSource): boolean | undefined {
  if (peer.kind === "ipBlock") return mayHoldApiServer(peer, source);
  // On OpenShift this label stands for what comes from the network of nodes.
  if (peer.namespaces !== "own" && peer.namespaces.constraints.has(hostNetworkLabel)) return undefined;
  return anyOf(source.agents.map((agent) => peerMatches(peer, own, agent)));
}

const hostNetworkLabel = "policy-group.network.openshift.io/host-network";

/** It may call from another address than its endpoint's: of its node, or as overlays rewrite it, of the pods' range. */
function mayHoldApiServer(
  block: IpBlockPeer,
  { apiServer, addresses }: ApiServerSource,
): boolean | undefined {
  if (apiServer === undefined) return undefined;
  if (apiServer.endpoints.some(({ address }) => blockHolds(block, address))) return true;
  const near = [addresses?.nodes, addresses?.pods].some((ranges) => ranges?.overlaps(block) === true);
  return near ? undefined : false;
}
