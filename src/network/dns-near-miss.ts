import type { Budget } from "./budget.ts";
import { blockHolds } from "./cidr.ts";
import type { DnsEndpoint, DnsPort, DnsResolver } from "./dns-profile.ts";
import type { DnsProtocol } from "./dns-rule.ts";
import { peerText } from "./policy.ts";
import type { AllowEntry, CompiledPolicy, Peer } from "./policy.ts";
import type { PolicySet, UnionEntry } from "./policy-set.ts";
import { describePorts, opensEveryPort, opensPort } from "./ports.ts";
import { anyOf, peerMatches } from "./reachability.ts";
import type { Target } from "./reachability.ts";
import { everything, overlaps } from "./selector.ts";
import type { Selector } from "./selector.ts";

/**
 * An egress entry that looks as if it was meant for DNS and does not admit the resolver; or that there is none.
 * - port: it means the resolver's pods, and not the port on which they listen;
 * - servicePort: it means an address before the pods, and not the port on which that is asked;
 * - hostNetwork: it selects the resolver's pods, which are on the network of their nodes;
 * - noPods: it selects pods, and the resolver is a process of the nodes;
 * - peer: none of its peers is the resolver.
 */
export type NearMiss =
  | { readonly kind: "nothing" }
  | (At & { readonly kind: "onlyTcp"; /** On which UDP is asked. */ readonly port: number })
  | (At & { readonly kind: "port"; readonly written: string; readonly target: string })
  | (At & { readonly kind: "servicePort"; readonly written: string; readonly target: string })
  | (At & { readonly kind: "hostNetwork"; readonly resolver: DnsResolver })
  | (At & { readonly kind: "noPods"; readonly resolver: DnsResolver })
  | (At & {
      readonly kind: "peer";
      /** The first few. */
      readonly peers: readonly PeerMiss[];
      /** Where the entry does not open the port of the resolver either: that. */
      readonly target?: string;
    });

interface At {
  readonly policy: CompiledPolicy;
  /** The place of the entry in `spec.egress`. */
  readonly index: number;
}

/** Why one peer does not match the resolver's pods. */
export interface PeerMiss {
  /** The peer as canonical text. */
  readonly text: string;
  /** The namespaceSelector of the peer, as text; absent for the own namespace and for ranges. */
  readonly namespaces?: string;
  readonly why:
    | "noNamespace" // no namespace at all is selected
    | "otherNamespace" // namespaces are selected, not the resolver's
    | "ownNamespace" // a podSelector alone means the policy's own namespace
    | "otherPods" // the resolver's namespace, and not its pods
    | "otherAddress"; // a range that holds no address of the resolver
}

export interface NearMissContext {
  readonly resolvers: readonly DnsResolver[];
  /** How many namespaces a selector selects; `undefined`: not known. */
  readonly namespacesSelected: (selector: Selector) => number | undefined;
  readonly budget: Budget;
}

/** So many misses are told, and of each so many peers: a message has to be read, and a policy may have thousands. */
const told = { misses: 5, peers: 5 };

/** What stands nearest to admitting DNS for pods of the selector: the most telling first; never empty, at most five. */
export function nearMisses(
  set: PolicySet,
  selector: Selector,
  context: NearMissContext,
): readonly NearMiss[] {
  const found = set.policies
    .filter(({ subject }) => overlaps(subject, selector))
    .flatMap((policy) => policy.egress.map((entry) => ({ policy, entry })))
    .map((at) => nearestOf(at, set.namespace, context))
    .filter((miss) => miss !== undefined)
    .sort(byTelling)
    .slice(0, told.misses)
    .map(({ describe }) => describe());
  return found.length > 0 ? found : [{ kind: "nothing" }];
}

/** A miss whose details are made only if it is told. */
interface Candidate {
  readonly kind: NearMiss["kind"];
  readonly describe: () => NearMiss;
}

const telling = ["onlyTcp", "port", "servicePort", "hostNetwork", "noPods", "peer", "nothing"];

function byTelling(a: Candidate, b: Candidate): number {
  return telling.indexOf(a.kind) - telling.indexOf(b.kind);
}

function nearestOf(
  { policy, entry }: UnionEntry,
  own: string,
  context: NearMissContext,
): Candidate | undefined {
  context.budget.tick(entry.peers === "any" ? 1 : 1 + entry.peers.length);
  return context.resolvers
    .map((resolver) => missOf(entry, { policy, index: entry.index }, own, resolver, context))
    .filter((miss) => miss !== undefined)
    .sort(byTelling)[0];
}

function missOf(
  entry: AllowEntry,
  at: At,
  own: string,
  resolver: DnsResolver,
  context: NearMissContext,
): Candidate | undefined {
  const udp = opensTarget(entry, resolver, "UDP");
  const tcp = opensTarget(entry, resolver, "TCP");
  const aimed = namesDnsPort(entry, resolver) || aimsAt(entry, resolver);
  if (meansResolver(entry, own, resolver, false)) {
    if (!udp && tcp && aimed) {
      return candidate({ ...at, kind: "onlyTcp", port: udpPort(eachPort(resolver).map(({ port }) => port)) });
    }
    if (udp || tcp || !aimed) return undefined;
    const written = describePorts(entry.ports);
    return candidate({ ...at, kind: "port", written, target: targetPorts(resolver) });
  }
  const { peers } = entry;
  if (peers === "any") return undefined;
  const addressed = aimed ? addressMiss(entry, at, resolver) : undefined;
  if (addressed !== undefined) return addressed;
  if ((udp || aimed) && meansResolver(entry, own, resolver, true)) {
    return candidate({ ...at, kind: "hostNetwork", resolver });
  }
  if (!aimed) return undefined;
  if (hasNoPods(resolver) && peers.some(({ kind }) => kind === "pods")) {
    return candidate({ ...at, kind: "noPods", resolver });
  }
  const describe = (): NearMiss => ({
    ...at,
    kind: "peer",
    peers: peers.slice(0, told.peers).map((peer) => peerMiss(peer, own, resolver, context)),
    ...(!udp && { target: targetPorts(resolver) }),
  });
  return { kind: "peer", describe };
}

/** A range that holds the ClusterIP, or an address of a cache on the node: these are asked on the Service's port. */
function addressMiss(entry: AllowEntry, at: At, resolver: DnsResolver): Candidate | undefined {
  const { peers, ports } = entry;
  const addresses = [...resolver.read.clusterIPs, ...resolver.read.nodeLocal];
  const means =
    peers !== "any" &&
    peers.some((peer) => peer.kind === "ipBlock" && addresses.some((address) => blockHolds(peer, address)));
  if (!means) return undefined;
  const opens = (protocol: DnsProtocol): boolean =>
    resolver.servicePorts.some(
      (port) => port.protocol === protocol && opensPort(ports, protocol, port.port, []) === true,
    );
  if (opens("UDP")) return undefined;
  if (opens("TCP")) return candidate({ ...at, kind: "onlyTcp", port: udpPort(resolver.servicePorts) });
  const target = portsText(resolver.servicePorts);
  return candidate({ ...at, kind: "servicePort", written: describePorts(ports), target });
}

/** Whether it is a process of the nodes. */
function hasNoPods({ namespace }: DnsResolver): boolean {
  return namespace === "";
}

function candidate(miss: NearMiss): Candidate {
  return { kind: miss.kind, describe: () => miss };
}

/** Whether the peers mean one of the resolver's endpoints; on request as if it were not on the node's network. */
function meansResolver(entry: AllowEntry, own: string, resolver: DnsResolver, asPods: boolean): boolean {
  const { peers } = entry;
  if (peers === "any") return true;
  return resolver.endpoints.some((endpoint) => {
    const target = asPods ? asPodTarget(endpoint) : endpoint.target;
    return anyOf(peers.map((peer) => peerMatches(peer, own, target))) === true;
  });
}

/** The endpoint as if it were not on the node's network. */
function asPodTarget({ target }: DnsEndpoint): Target {
  return { ...target, pod: target.pod && { ...target.pod, hostNetwork: false } };
}

function opensTarget(entry: AllowEntry, resolver: DnsResolver, protocol: DnsProtocol): boolean {
  return resolver.endpoints.some(({ ports, namedPorts }) =>
    ports.some(
      (port) =>
        port.protocol === protocol && opensPort(entry.ports, protocol, port.port, namedPorts) === true,
    ),
  );
}

function eachPort(
  resolver: DnsResolver,
): readonly { endpoint: DnsEndpoint; port: DnsEndpoint["ports"][number] }[] {
  return resolver.endpoints.flatMap((endpoint) => endpoint.ports.map((port) => ({ endpoint, port })));
}

/** Whether a port of DNS is named: 53, the Service's or the target's, or a name as `dns`. "Any port" names none. */
function namesDnsPort(entry: AllowEntry, resolver: DnsResolver): boolean {
  const { ports } = entry;
  if (ports === "any") return false;
  return (["UDP", "TCP"] as const).some((protocol) => {
    if (opensEveryPort(ports, protocol)) return false;
    const opens = (port: number): boolean => opensPort(ports, protocol, port, []) === true;
    return (
      ports[protocol].names.some((name) => name === "dns" || name === "dns-tcp") ||
      opens(53) ||
      resolver.servicePorts.some(({ port }) => opens(port)) ||
      resolver.endpoints.some((endpoint) => endpoint.ports.some(({ port }) => opens(port)))
    );
  });
}

/** Whether a peer speaks of the resolver: by labels of its pods, or by the name of its namespace. */
function aimsAt(entry: AllowEntry, resolver: DnsResolver): boolean {
  if (entry.peers === "any") return false;
  return entry.peers.some((peer) => {
    if (peer.kind === "ipBlock") return false;
    const byName =
      peer.namespaces !== "own" &&
      [...peer.namespaces.constraints.values()].some(
        ({ complement, values }) => !complement && values.includes(resolver.namespace),
      );
    const byLabel = [...peer.pods.constraints].some(([key, { complement, values }]) => {
      const value = resolver.podLabels.get(key);
      return !complement && value !== undefined && values.includes(value);
    });
    return byName || byLabel;
  });
}

function peerMiss(peer: Peer, own: string, resolver: DnsResolver, context: NearMissContext): PeerMiss {
  const text = peerText(peer);
  if (peer.kind === "ipBlock") return { text, why: "otherAddress" };
  const { namespaces } = peer;
  if (namespaces === "own") return { text, why: own === resolver.namespace ? "otherPods" : "ownNamespace" };
  const anyPods = { ...peer, pods: everything("pods") };
  const inNamespace = resolver.endpoints.some(
    (endpoint) => peerMatches(anyPods, own, asPodTarget(endpoint)) === true,
  );
  const why = inNamespace
    ? "otherPods"
    : context.namespacesSelected(namespaces) === 0
      ? "noNamespace"
      : "otherNamespace";
  return { text, namespaces: namespaces.text, why };
}

function targetPorts(resolver: DnsResolver): string {
  return portsText(eachPort(resolver).map(({ port }) => port));
}

function udpPort(ports: readonly DnsPort[]): number {
  return ports.find(({ protocol }) => protocol === "UDP")?.port ?? 53;
}

function portsText(ports: readonly DnsPort[]): string {
  return [...new Set(ports.map(({ port, protocol }) => `${port}/${protocol}`))].join(", ");
}
