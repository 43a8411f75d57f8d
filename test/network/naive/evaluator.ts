// A second evaluator, deliberately naive: one pod, one pod or address, one port, one protocol in, a verdict out. Written
// from the comments of k8s.io/api/networking/v1 alone, rule by rule, with nothing of the product but the types of the
// JSON, so that a misunderstanding or a mistake in one of the two shows.
import { BlockList, isIPv6 } from "node:net";
import type { LabelSelector } from "#src/wire/meta.ts";
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "#src/wire/network-policy.ts";

export interface NaiveNamespace {
  name: string;
  /** With `kubernetes.io/metadata.name`, as the API server sets it. */
  labels: Record<string, string>;
}

export interface NaivePod {
  namespace: string;
  name: string;
  labels: Record<string, string>;
  /** One address, or one of each family. */
  ips: string[];
  node: string;
  hostNetwork: boolean;
  ports: { name?: string; containerPort: number; protocol: string }[];
}

export interface NaiveCluster {
  namespaces: NaiveNamespace[];
  pods: NaivePod[];
  policies: NetworkPolicy[];
}

/** A pod of the cluster, or an address outside of it. */
export type NaiveEnd = NaivePod | { ip: string };

export interface Traffic {
  from: NaiveEnd;
  to: NaiveEnd;
  protocol: string;
  port: number;
}

/** What the API's text leaves open, read one way or the other. */
export interface Reading {
  /** Whether the name of a port counts where the destination is a pod that an ipBlock holds, and no selector. */
  namedPortsOfRanges: boolean;
}

/** Whether the traffic is allowed over at least one family that both ends have. */
export function naiveAllows(cluster: NaiveCluster, traffic: Traffic, reading: Reading): boolean {
  const { from, to } = traffic;
  // A pod reaches itself whatever the policies say.
  if (from === to) return true;
  return addressesOf(from).some((source) =>
    addressesOf(to).some(
      (destination) =>
        isIPv6(source) === isIPv6(destination) &&
        sideAllows("egress", cluster, traffic, from, { end: to, ip: destination }, reading) &&
        sideAllows("ingress", cluster, traffic, to, { end: from, ip: source }, reading),
    ),
  );
}

type Side = "ingress" | "egress";
/** The other end of the connection, at one of its addresses. */
interface Other {
  end: NaiveEnd;
  ip: string;
}

function sideAllows(
  side: Side,
  cluster: NaiveCluster,
  traffic: Traffic,
  own: NaiveEnd,
  other: Other,
  reading: Reading,
): boolean {
  // Policies apply to pods; those of the node's network are commonly not told from their node.
  if (!isPod(own) || own.hostNetwork) return true;
  // "OR if the traffic source is the pod's local node"
  if (side === "ingress" && isPod(other.end) && other.end.hostNetwork && other.end.node === own.node)
    return true;
  // "if there are no NetworkPolicies selecting the pod"
  const selecting = cluster.policies.filter(
    (policy) =>
      policy.metadata.namespace === own.namespace &&
      typesOf(policy).includes(side) &&
      selects(policy.spec?.podSelector ?? {}, own.labels),
  );
  if (selecting.length === 0) return true;
  // "OR if the traffic matches at least one rule across all of the NetworkPolicy objects whose podSelector matches the pod"
  for (const { spec } of selecting) {
    const rules =
      side === "ingress"
        ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
        : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
    for (const rule of rules) {
      // "The traffic must match both"
      const matched = ruleMatches(
        side,
        cluster,
        traffic,
        own,
        other,
        rule.peers ?? [],
        rule.ports ?? [],
        reading,
      );
      if (matched) return true;
    }
  }
  return false;
}

/** "policies that contain an egress section are assumed to affect egress, and all policies […] to affect ingress" */
function typesOf({ spec }: NetworkPolicy): Side[] {
  const types = spec?.policyTypes ?? [];
  if (types.length > 0) return types.map((type) => (type === "Ingress" ? "ingress" : "egress"));
  return (spec?.egress ?? []).length > 0 ? ["ingress", "egress"] : ["ingress"];
}

function ruleMatches(
  side: Side,
  cluster: NaiveCluster,
  traffic: Traffic,
  own: NaivePod,
  other: Other,
  peers: NetworkPolicyPeer[],
  ports: NetworkPolicyPort[],
  reading: Reading,
): boolean {
  const destination = traffic.to;
  const portMatches = (named: boolean): boolean =>
    ports.length === 0 || ports.some((port) => portHolds(port, traffic, destination, named));
  // "If this field is empty or missing, this rule matches all"
  if (peers.length === 0) return portMatches(true);
  return peers.some((peer) => {
    if (!peerHolds(peer, cluster, own, other)) return false;
    return portMatches(peer.ipBlock === undefined || side === "ingress" || reading.namedPortsOfRanges);
  });
}

function portHolds(
  port: NetworkPolicyPort,
  traffic: Traffic,
  destination: NaiveEnd,
  named: boolean,
): boolean {
  // "If not specified, this field defaults to TCP."
  if ((port.protocol ?? "TCP") !== traffic.protocol) return false;
  // "If this field is not provided, this matches all port names and numbers."
  if (port.port === undefined) return true;
  if (typeof port.port === "number") {
    // "the range of ports from port to endPort if set, inclusive"
    return port.port <= traffic.port && traffic.port <= (port.endPort ?? port.port);
  }
  if (!named || !isPod(destination)) return false;
  return destination.ports.some(
    (own) =>
      own.name === port.port && own.protocol === traffic.protocol && own.containerPort === traffic.port,
  );
}

function peerHolds(peer: NetworkPolicyPeer, cluster: NaiveCluster, own: NaivePod, other: Other): boolean {
  if (peer.ipBlock !== undefined) return blockHolds(peer.ipBlock, other.ip);
  const { end } = other;
  if (!isPod(end) || end.hostNetwork) return false;
  // "Otherwise it selects the pods matching podSelector in the policy's own namespace."
  if (peer.namespaceSelector === undefined && end.namespace !== own.namespace) return false;
  if (peer.namespaceSelector !== undefined) {
    const namespace = cluster.namespaces.find(({ name }) => name === end.namespace);
    if (!selects(peer.namespaceSelector, namespace?.labels ?? {})) return false;
  }
  // "Otherwise it selects all pods in the namespaces selected by namespaceSelector."
  return peer.podSelector === undefined || selects(peer.podSelector, end.labels);
}

/** "The except entry describes CIDRs that should not be included within this rule." */
function blockHolds({ cidr, except = [] }: IPBlock, ip: string): boolean {
  return inRange(cidr, ip) && !except.some((hole) => inRange(hole, ip));
}

function inRange(cidr: string, ip: string): boolean {
  const [network = "", prefix = ""] = cidr.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  if (isIPv6(ip) !== (family === "ipv6")) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(ip, family);
}

/** "The result of matchLabels and matchExpressions are ANDed. An empty label selector matches all objects." */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Record<string, string>,
): boolean {
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  for (const [key, value] of Object.entries(matchLabels)) if (valueOf(key) !== value) return false;
  for (const { key, operator, values = [] } of matchExpressions) {
    const value = valueOf(key);
    const among = value !== undefined && values.includes(value);
    if (operator === "In" && !among) return false;
    if (operator === "NotIn" && among) return false;
    if (operator === "Exists" && value === undefined) return false;
    if (operator === "DoesNotExist" && value !== undefined) return false;
  }
  return true;
}

function isPod(end: NaiveEnd): end is NaivePod {
  return "namespace" in end;
}

function addressesOf(end: NaiveEnd): string[] {
  return isPod(end) ? end.ips : [end.ip];
}
