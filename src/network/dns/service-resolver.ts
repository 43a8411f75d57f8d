import type { EndpointSlice } from "../../wire/endpoint-slice.ts";
import type { Service } from "../../wire/service.ts";
import { parseAddress } from "../address.ts";
import { readAddresses, withTarget } from "../dns-profile.ts";
import type { DnsEndpoint, DnsKind, DnsPort, DnsResolver } from "../dns-profile.ts";
import type { Evidence } from "../evidence.ts";
import { labelSet, labelSetKey, labelSetText } from "../labels.ts";
import type { LabelSet } from "../labels.ts";
import { listed } from "../listed.ts";
import { protocols } from "../ports.ts";
import type { NamedPort } from "../ports.ts";

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

/** `kube-system/kube-dns`. */
function serviceName({ service }: ResolverSource): string {
  return `${service.metadata.namespace ?? ""}/${service.metadata.name ?? ""}`;
}

/** The resolver behind a Service: its ready endpoints, which may be none. */
export function serviceResolver(source: ResolverSource, kind: DnsKind): DnsResolver {
  const endpoints = readyEndpoints(source).map(withTarget);
  const count = endpoints.reduce((sum, { addresses }) => sum + addresses.length, 0);
  const evidence = `Service ${serviceName(source)} with ${count} ready endpoint address${count === 1 ? "" : "es"}`;
  return resolverWith(source, kind, endpoints, evidence);
}

/**
 * The resolver behind a Service that has no ready endpoint now: pods with the labels that it selects, wherever they will
 * be. Undefined where it has no selector.
 */
export function awaitedResolver(source: ResolverSource, kind: DnsKind): DnsResolver | undefined {
  const { service, namespaceLabels } = source;
  const { selector } = service.spec ?? {};
  if (selector === undefined) return undefined;
  const ports = servicePorts(service).map((port) => ({ ...port, port: targetPort(service, port) }));
  const endpoint = withTarget({
    namespace: service.metadata.namespace ?? "",
    namespaceLabels,
    labels: labelSet(selector),
    partial: true,
    namedPorts: ports.flatMap((port) => (port.name === undefined ? [] : [{ ...port, name: port.name }])),
    hostNetwork: false,
    addresses: [],
    otherAddresses: true,
    ports,
  });
  const evidence = `Service ${serviceName(source)} without a ready endpoint now`;
  return { ...resolverWith(source, kind, [endpoint], evidence), optional: "besides" };
}

function resolverWith(
  source: ResolverSource,
  kind: DnsKind,
  endpoints: readonly DnsEndpoint[],
  evidence: string,
): DnsResolver {
  const { service, nodeLocalAddresses = [] } = source;
  const clusterIPs = addressesOf(service);
  const { selector } = service.spec ?? {};
  return {
    kind,
    name: serviceName(source),
    evidence,
    signs: signsOf(source, clusterIPs, endpoints),
    namespace: service.metadata.namespace ?? "",
    podLabels: selector === undefined ? commonLabels(endpoints) : labelSet(selector),
    clusterIPs,
    nodeLocalAddresses,
    endpoints,
    servicePorts: servicePorts(service),
    read: { clusterIPs: readAddresses(clusterIPs), nodeLocal: readAddresses(nodeLocalAddresses) },
  };
}

/** The ClusterIPs of a Service; a headless one has none. */
export function addressesOf({ spec }: Service): readonly string[] {
  const { clusterIP, clusterIPs = clusterIP === undefined ? [] : [clusterIP] } = spec ?? {};
  return clusterIPs.filter((address) => parseAddress(address) !== undefined);
}

function readyEndpoints(source: ResolverSource): readonly Omit<DnsEndpoint, "target">[] {
  const { service, slices, namespaceLabels } = source;
  const namespace = service.metadata.namespace ?? "";
  const names = new Set(servicePorts(service).map((port) => port.name));
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
  return [...endpoints.values()];
}

function signsOf(
  source: ResolverSource,
  clusterIPs: readonly string[],
  endpoints: readonly DnsEndpoint[],
): readonly Evidence[] {
  const object = `Service ${serviceName(source)}`;
  const { selector } = source.service.spec ?? {};
  const slices = `EndpointSlices of Service ${serviceName(source)}`;
  const listening = [...new Set(endpoints.flatMap(({ ports }) => ports.map(({ port }) => String(port))))];
  const addresses = endpoints.flatMap((endpoint) => endpoint.addresses);
  const onNodes = endpoints.some(({ hostNetwork }) => hostNetwork);
  return [
    { object, field: "spec.clusterIPs", says: clusterIPs.join(", ") || "none" },
    ...(selector === undefined
      ? []
      : [{ object, field: "spec.selector", says: labelSetText(labelSet(selector)) }]),
    { object: slices, field: "endpoints[].addresses, ready", says: someOf(addresses) },
    ...(listening.length === 0
      ? []
      : [{ object: slices, field: "ports[].port", says: listening.join(", ") }]),
    ...(onNodes
      ? [
          {
            object: `Pods of Service ${serviceName(source)}`,
            field: "spec.hostNetwork",
            says: "true: no selector matches them",
          },
        ]
      : []),
  ];
}

/** A DNS may have a hundred pods. */
const toldAddresses = 6;

function someOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? "none" : listed(addresses, toldAddresses);
}

/** The target port as far as the Service alone says it: a number, else the Service's own. */
function targetPort(service: Service, { protocol, port }: DnsPort): number {
  const written = service.spec?.ports?.find(
    (each) => each.port === port && (each.protocol ?? "TCP") === protocol,
  )?.targetPort;
  return typeof written === "number" ? written : port;
}

/** The ports that speak DNS: 53, or those named so; a Service often has one for metrics besides. */
function servicePorts(service: Service): readonly DnsPort[] {
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
