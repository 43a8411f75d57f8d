import type { EndpointSlice } from "../wire/endpoint-slice.ts";
import type { Service } from "../wire/service.ts";
import { parseAddress } from "./cidr.ts";
import type { Address } from "./cidr.ts";
import { labelSet, labelSetKey } from "./labels.ts";
import type { LabelSet } from "./labels.ts";
import type { NamedPort, Protocol } from "./ports.ts";
import { protocols } from "./ports.ts";
import type { Target } from "./reachability.ts";

/** Where the pods of this cluster resolve names. Unknown is no fault: nothing is then said about DNS. */
export type DnsProfile =
  | { readonly known: true; readonly resolvers: readonly DnsResolver[]; readonly evidence: string }
  | { readonly known: false; readonly evidence: string };

/** One DNS service: what a pod asks, and the pods that answer. */
export interface DnsResolver {
  /** `kube-system/kube-dns`. */
  readonly name: string;
  readonly namespace: string;
  /** What the pods that answer have in common: the Service's selector, or their stable labels. */
  readonly podLabels: LabelSet;
  readonly clusterIPs: readonly string[];
  /** Addresses on which NodeLocal DNSCache listens on every node, as 169.254.20.10. */
  readonly nodeLocalAddresses: readonly string[];
  /** Ready endpoints, those that no policy can tell apart together. */
  readonly endpoints: readonly DnsEndpoint[];
  /** The ports of the Service that speak DNS, over UDP and TCP. */
  readonly servicePorts: readonly DnsPort[];
  /** `clusterIPs` and `nodeLocalAddresses`, read. */
  readonly read: { readonly clusterIPs: readonly Address[]; readonly nodeLocal: readonly Address[] };
}

export interface DnsEndpoint {
  readonly namespace: string;
  readonly namespaceLabels: LabelSet;
  /** `undefined`: the pod behind the address is not known, so that selectors may or may not match it. */
  readonly labels: LabelSet | undefined;
  /** Its pods may have more labels than these: configuration states those to select them by. */
  readonly partial?: boolean;
  readonly namedPorts: readonly NamedPort[];
  /** On the node's network: no selector matches it. */
  readonly hostNetwork: boolean;
  readonly addresses: readonly string[];
  /** The target ports that speak DNS: what a policy sees. */
  readonly ports: readonly DnsPort[];
  /** The same as the other side of a connection. */
  readonly target: Target;
}

export interface DnsPort {
  readonly protocol: Protocol;
  readonly port: number;
  readonly name?: string;
}

/** What a pod behind a resolver is known by. */
export interface ResolverPod {
  readonly name: string;
  readonly labels: LabelSet;
  readonly namedPorts: readonly NamedPort[];
  readonly hostNetwork: boolean;
}

/** Everything that is known of one DNS Service. */
export interface ResolverSource {
  readonly service: Service;
  /** The slices of this Service. */
  readonly slices: readonly EndpointSlice[];
  /** The pods of the Service's namespace, or at least those behind it. */
  readonly pods: readonly ResolverPod[];
  readonly namespaceLabels: LabelSet;
  readonly nodeLocalAddresses?: readonly string[];
}

/** A resolver that configuration names in so many words. */
export interface ConfiguredResolver {
  readonly name: string;
  readonly namespace: string;
  readonly namespaceLabels: LabelSet;
  readonly podLabels: LabelSet;
  readonly hostNetwork?: boolean;
  readonly addresses?: readonly string[];
  readonly clusterIPs?: readonly string[];
  readonly nodeLocalAddresses?: readonly string[];
  /** Target ports; where absent 53 over UDP and TCP. */
  readonly ports?: readonly DnsPort[];
}

/**
 * The profile from the cluster's own objects. Known only if every Service given has a ready endpoint: whether a pod
 * could reach one that has none cannot be said.
 */
export function detectDnsProfile(sources: readonly ResolverSource[]): DnsProfile {
  if (sources.length === 0) return { known: false, evidence: "no DNS Service was found" };
  const resolvers = sources.map(resolverOf);
  const idle = resolvers.find((resolver) => resolver.endpoints.length === 0);
  if (idle !== undefined) return { known: false, evidence: `Service ${idle.name} has no ready endpoint` };
  const evidence = resolvers
    .map(({ name, endpoints }) => {
      const count = endpoints.reduce((sum, { addresses }) => sum + addresses.length, 0);
      return `Service ${name} with ${count} ready endpoint address${count === 1 ? "" : "es"}`;
    })
    .join("; ");
  return { known: true, resolvers, evidence };
}

/** The profile that configuration states; it replaces what would be detected. */
export function configuredDnsProfile(resolvers: readonly ConfiguredResolver[]): DnsProfile {
  if (resolvers.length === 0) return { known: false, evidence: "configuration names no resolver" };
  return { known: true, resolvers: resolvers.map(configuredResolver), evidence: "configuration" };
}

const standardPorts: readonly DnsPort[] = [
  { protocol: "UDP", port: 53, name: "dns" },
  { protocol: "TCP", port: 53, name: "dns-tcp" },
];

function configuredResolver(given: ConfiguredResolver): DnsResolver {
  const { name, namespace, namespaceLabels, podLabels, hostNetwork = false, ports = standardPorts } = given;
  const namedPorts = ports.flatMap((port) => (port.name === undefined ? [] : [{ ...port, name: port.name }]));
  const { addresses = [], clusterIPs = [], nodeLocalAddresses = [] } = given;
  return {
    name,
    namespace,
    podLabels,
    clusterIPs,
    nodeLocalAddresses,
    // What has no ClusterIP is asked on the very ports on which it listens.
    servicePorts: clusterIPs.length > 0 ? standardPorts : ports,
    read: { clusterIPs: readAddresses(clusterIPs), nodeLocal: readAddresses(nodeLocalAddresses) },
    endpoints: [
      withTarget({
        namespace,
        namespaceLabels,
        labels: podLabels,
        partial: true,
        namedPorts,
        hostNetwork,
        addresses,
        ports,
      }),
    ],
  };
}

function resolverOf(source: ResolverSource): DnsResolver {
  const { service, slices, namespaceLabels, nodeLocalAddresses = [] } = source;
  const namespace = service.metadata.namespace ?? "";
  const servicePorts = dnsPorts(service);
  const names = new Set(servicePorts.map((port) => port.name));
  const pods = new Map(source.pods.map((pod) => [pod.name, pod]));
  const endpoints = new Map<string, Omit<DnsEndpoint, "target">>();
  for (const slice of slices) {
    const ports = slicePorts(slice, names);
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false || ports.length === 0) continue;
      const target = endpoint.targetRef;
      const pod = target?.kind === "Pod" ? pods.get(target.name ?? "") : undefined;
      const addresses = endpoint.addresses.filter((address) => parseAddress(address) !== undefined);
      addEndpoint(endpoints, { namespace, namespaceLabels, ...podPart(pod), addresses, ports });
    }
  }
  const { clusterIP, clusterIPs = clusterIP === undefined ? [] : [clusterIP], selector } = service.spec ?? {};
  const found = [...endpoints.values()].map(withTarget);
  // A headless Service says "None".
  const realIPs = clusterIPs.filter((address) => parseAddress(address) !== undefined);
  return {
    name: `${namespace}/${service.metadata.name ?? ""}`,
    namespace,
    podLabels: selector === undefined ? commonLabels(found) : labelSet(selector),
    clusterIPs: realIPs,
    nodeLocalAddresses,
    endpoints: found,
    servicePorts,
    read: { clusterIPs: readAddresses(realIPs), nodeLocal: readAddresses(nodeLocalAddresses) },
  };
}

/** The ports that speak DNS: 53, or those named so; a Service often has one for metrics besides. */
function dnsPorts(service: Service): readonly DnsPort[] {
  const all = (service.spec?.ports ?? []).flatMap((port) => dnsPort(port.protocol, port.port, port.name));
  const standard = all.filter(({ port }) => port === 53);
  return standard.length > 0 ? standard : all.filter(({ name }) => name === "dns" || name === "dns-tcp");
}

/** The ports of a slice bear the names of the Service's ports; an unnamed port has the name "". */
function slicePorts(slice: EndpointSlice, names: ReadonlySet<string | undefined>): readonly DnsPort[] {
  return (slice.ports ?? [])
    .filter((port) => names.has(port.name === "" ? undefined : port.name))
    .flatMap((port) => dnsPort(port.protocol, port.port, port.name));
}

function dnsPort(given: string | undefined, port: number | undefined, name: string | undefined): DnsPort[] {
  const protocol = protocols.find((known) => known === (given ?? "TCP"));
  if (port === undefined || protocol === undefined || protocol === "SCTP") return [];
  return [{ protocol, port, ...(name !== undefined && name !== "" && { name }) }];
}

function podPart(pod: ResolverPod | undefined): Pick<DnsEndpoint, "labels" | "namedPorts" | "hostNetwork"> {
  if (pod === undefined) return { labels: undefined, namedPorts: [], hostNetwork: false };
  return { labels: pod.labels, namedPorts: pod.namedPorts, hostNetwork: pod.hostNetwork };
}

/** Puts the addresses of endpoints together that no policy can tell apart otherwise, as the two families of one pod. */
function addEndpoint(
  endpoints: Map<string, Omit<DnsEndpoint, "target">>,
  endpoint: Omit<DnsEndpoint, "target">,
): void {
  const { labels, namedPorts, hostNetwork, ports } = endpoint;
  const key = JSON.stringify([labels && labelSetKey(labels), namedPorts, hostNetwork, ports]);
  const standing = endpoints.get(key);
  const addresses = new Set([...(standing?.addresses ?? []), ...endpoint.addresses]);
  endpoints.set(key, { ...(standing ?? endpoint), addresses: [...addresses].sort() });
}

function withTarget(endpoint: Omit<DnsEndpoint, "target">): DnsEndpoint {
  const { namespace, namespaceLabels, labels, partial = false, hostNetwork } = endpoint;
  const pod = { namespace: { name: namespace, labels: namespaceLabels }, labels, partial, hostNetwork };
  return { ...endpoint, target: { pod, addresses: readAddresses(endpoint.addresses) } };
}

function readAddresses(texts: readonly string[]): readonly Address[] {
  return texts.map(parseAddress).filter((address) => address !== undefined);
}

/** Labels that controllers add and that change with every roll-out. */
const passingLabels: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
]);

function commonLabels(endpoints: readonly DnsEndpoint[]): LabelSet {
  const [first, ...rest] = endpoints.map(({ labels }) => labels ?? new Map<string, string>());
  const common = [...(first ?? [])].filter(
    ([key, value]) => !passingLabels.has(key) && rest.every((labels) => labels.get(key) === value),
  );
  return new Map(common);
}
