import type { NetworkPolicyEgressRule, NetworkPolicyPeer } from "../wire/network-policy.ts";
import type { Budget } from "./budget.ts";
import { blockHolds, blocksOverlap, parseCidr, singleAddress } from "./cidr.ts";
import type { DnsEndpoint, DnsPort, DnsProfile, DnsResolver } from "./dns-profile.ts";
import { labelSetText } from "./labels.ts";
import type { AllowEntry } from "./policy.ts";
import { opensPort } from "./ports.ts";
import { anyOf, entryOpens } from "./reachability.ts";
import type { NamespaceIdentity } from "./reachability.ts";
import { namespaceNameLabel } from "./selector.ts";

/** What DNS is asked over. */
export type DnsProtocol = "UDP" | "TCP";

/**
 * Whether an egress entry of a policy in this namespace lets pods ask the resolver. Peer and port must match a ready
 * endpoint on its target port (policies see the port after the Service's translation), or an ipBlock must hold an
 * endpoint's address with that port, or the ClusterIP or a node-local address with the Service's port. Node-local
 * addresses are asked directly, so that an entry without peers opens them too. `undefined`: that depends on what is not known.
 */
export function admitsResolver(
  entry: AllowEntry,
  policyNamespace: NamespaceIdentity,
  resolver: DnsResolver,
  protocol: DnsProtocol,
  budget?: Budget,
): boolean | undefined {
  if (admitsServiceAddress(entry, resolver, protocol)) return true;
  return anyOf(
    resolver.endpoints.map((endpoint) =>
      admitsEndpoint(entry, policyNamespace.name, endpoint, protocol, budget),
    ),
  );
}

function admitsEndpoint(
  entry: AllowEntry,
  own: string,
  endpoint: DnsEndpoint,
  protocol: DnsProtocol,
  budget: Budget | undefined,
): boolean | undefined {
  const named = endpoint.labels === undefined ? undefined : endpoint.namedPorts;
  let answer: boolean | undefined = false;
  for (const port of endpoint.ports) {
    if (port.protocol !== protocol) continue;
    const target = { protocol, port: port.port, named };
    const opens = entryOpens(entry, own, endpoint.target, target, "egress", budget);
    if (opens === true) return true;
    if (opens === undefined || mayHoldEndpoint(entry, endpoint, protocol, port.port)) answer = undefined;
  }
  return answer;
}

/** Whether a range opens this port to addresses that the endpoint may have besides the known ones. */
function mayHoldEndpoint(
  { peers, ports }: AllowEntry,
  { otherAddresses = false }: DnsEndpoint,
  protocol: DnsProtocol,
  port: number,
): boolean {
  if (!otherAddresses || peers === "any") return false;
  return peers.some(({ kind }) => kind === "ipBlock") && opensPort(ports, protocol, port, []) === true;
}

/** The addresses of a link, at which caches on nodes and the metadata servers of clouds answer. */
const linkLocal = ["169.254.0.0/16", "fe80::/10"]
  .map(parseCidr)
  .filter((range) => range !== undefined)
  .map((range) => ({ cidr: range, except: [] }));

/** Whether an entry names link-local addresses on the port of DNS: those of a resolver, if there is one. */
export function opensLinkLocalDns({ peers, ports }: AllowEntry, protocol: DnsProtocol): boolean {
  if (peers === "any" || opensPort(ports, protocol, 53, []) !== true) return false;
  return peers.some(
    (peer) => peer.kind === "ipBlock" && linkLocal.some((range) => blocksOverlap(peer, range)),
  );
}

/** By the Service's port. Names are those of container ports: no Service address has any. */
function admitsServiceAddress(entry: AllowEntry, resolver: DnsResolver, protocol: DnsProtocol): boolean {
  const { clusterIPs, nodeLocal } = resolver.read;
  const { peers } = entry;
  const holds =
    peers === "any"
      ? nodeLocal.length > 0
      : peers.some(
          (peer) =>
            peer.kind === "ipBlock" &&
            (clusterIPs.some((address) => blockHolds(peer, address)) ||
              nodeLocal.some((address) => blockHolds(peer, address))),
        );
  return (
    holds &&
    resolver.servicePorts.some(
      (port) => port.protocol === protocol && opensPort(entry.ports, protocol, port.port, []) === true,
    )
  );
}

/**
 * The one egress rule that opens every resolver of the profile: the rule that messages speak of, that the fix appends
 * and that `generate dns` prints. Pods by namespace name and labels; addresses where selectors cannot match, that is for
 * resolvers of the node's network and NodeLocal DNSCache. `undefined` where the profile is not known.
 */
export function dnsRule(profile: DnsProfile): NetworkPolicyEgressRule | undefined {
  if (!profile.known) return undefined;
  const peers = new Map<string, NetworkPolicyPeer>();
  const ports = new Map<string, DnsPort>();
  for (const resolver of profile.resolvers) {
    for (const peer of resolverPeers(resolver)) peers.set(JSON.stringify(peer), peer);
    for (const port of resolverPorts(resolver)) ports.set(`${port.protocol}/${port.port}`, port);
  }
  return {
    to: [...peers.values()],
    ports: [...ports.values()]
      .sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? 1 : -1))
      .map(({ protocol, port }) => ({ protocol, port })),
  };
}

/** For people: `kube-system pods k8s-app=kube-dns, 53/UDP and 53/TCP`, or the addresses of one that is no pod. */
export function describeResolver(resolver: DnsResolver): string {
  const ports = resolver.endpoints.flatMap((endpoint) => endpoint.ports);
  const both = new Set(ports.flatMap(({ port }) => [`${port}/UDP`, `${port}/TCP`]));
  return `${whoAnswers(resolver)}, ${[...both].join(" and ")}`;
}

function whoAnswers(resolver: DnsResolver): string {
  const { kind, name, namespace, podLabels, nodeLocalAddresses } = resolver;
  const addresses = nodeLocalAddresses.join(", ");
  if (kind === "configured" && namespace === "") return addresses;
  if (namespace === "") return addresses === "" ? name : `${name} at ${addresses}`;
  if (kind === "node-local-dns" && nodeLocalAddresses.length > 0) {
    return `NodeLocal DNSCache at ${nodeLocalAddresses.join(" and ")}`;
  }
  return `${namespace} ${podLabels.size > 0 ? `pods ${labelSetText(podLabels)}` : "all pods"}`;
}

/** The target ports, and the Service's where an address of it is among the peers: UDP and TCP of each. */
function resolverPorts(resolver: DnsResolver): readonly DnsPort[] {
  const ports = resolver.endpoints.flatMap((endpoint) => endpoint.ports);
  const all = servesByAddress(resolver) ? [...ports, ...resolver.servicePorts] : ports;
  return all.flatMap(({ port }) => [{ protocol: "UDP", port } as const, { protocol: "TCP", port } as const]);
}

/** The peers that are this resolver: its pods, and its addresses where selectors cannot match it. */
export function resolverPeers(resolver: DnsResolver): readonly NetworkPolicyPeer[] {
  const peers: NetworkPolicyPeer[] = [];
  if (resolver.endpoints.some((endpoint) => !endpoint.hostNetwork)) {
    peers.push({
      namespaceSelector: { matchLabels: { [namespaceNameLabel]: resolver.namespace } },
      // Without labels that are known the namespace alone is named.
      ...(resolver.podLabels.size > 0 && {
        podSelector: { matchLabels: Object.fromEntries(resolver.podLabels) },
      }),
    });
  }
  if (servesByAddress(resolver)) {
    const onNodes = resolver.endpoints.filter((endpoint) => endpoint.hostNetwork);
    const { clusterIPs, nodeLocal } = resolver.read;
    const nodes = onNodes.flatMap((endpoint) => endpoint.target.addresses);
    const ranges = [...nodeLocal, ...clusterIPs, ...nodes].map((address) => singleAddress(address).text);
    for (const range of new Set(ranges)) peers.push({ ipBlock: { cidr: range } });
  }
  return peers;
}

/** Whether pods reach it, at least sometimes, at an address that no selector matches. */
function servesByAddress(resolver: DnsResolver): boolean {
  return (
    resolver.nodeLocalAddresses.length > 0 || resolver.endpoints.some((endpoint) => endpoint.hostNetwork)
  );
}
