import { parseAddress } from "./address.ts";
import type { Address } from "./address.ts";
import type { Evidence } from "./evidence.ts";
import type { LabelSet } from "./labels.ts";
import type { NamedPort, Protocol } from "./ports.ts";
import type { Target } from "./reachability.ts";

/** Where the pods of this cluster resolve names. Unknown is no fault: nothing is then said about DNS. */
export type DnsProfile =
  | (DnsGrounds & { readonly known: true; readonly resolvers: readonly DnsResolver[] })
  | (DnsGrounds & { readonly known: false });

/** What a profile rests on. */
export interface DnsGrounds {
  /** In a sentence: what was found, or why it is not known. */
  readonly evidence: string;
  /** The objects and fields that were looked at, those of the resolvers included. */
  readonly signs: readonly Evidence[];
  /**
   * What could not be read, as the end of a sentence. Then pods may ask a link-local address (a cache on the node, Cloud
   * DNS of GKE) that nobody knows of, so that a policy that opens such addresses is never called wrong.
   */
  readonly unread: readonly string[];
}

/** What kind of resolver it is: mostly the platform that brings it. */
export type DnsKind =
  | "kube-dns" // Service kube-system/kube-dns, whatever software answers
  | "coredns" // a Service of another name in kube-system
  | "openshift" // Service openshift-dns/dns-default
  | "gardener" // kube-dns of a Gardener shoot, on port 8053
  | "node-local-dns" // NodeLocal DNSCache
  | "gke-cloud-dns"
  | "eks-auto-mode" // CoreDNS as a process of the node
  | "aks-local-dns" // the same, before kube-dns
  | "configured";

/** One DNS service: what a pod asks, and the pods that answer. */
export interface DnsResolver {
  readonly kind: DnsKind;
  /** `kube-system/kube-dns`. */
  readonly name: string;
  /**
   * Absent: pods ask it, at least some of them. Otherwise nothing shows that they do, so that it is never called closed:
   * - "besides": some pods may ask it; to open it alone is better than nothing;
   * - "instead": all pods ask either it or the others; to open it alone may be just right.
   */
  readonly optional?: "besides" | "instead";
  /** In half a sentence: what was found. */
  readonly evidence: string;
  readonly signs: readonly Evidence[];
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
  /** It may have other addresses than these: whether an ipBlock without them holds it, is then unknown. */
  readonly otherAddresses?: boolean;
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

/** The profile that configuration states; it replaces what would be detected. */
export function configuredDnsProfile(resolvers: readonly ConfiguredResolver[]): DnsProfile {
  const grounds = { evidence: "configuration", signs: [], unread: [] };
  if (resolvers.length === 0)
    return { ...grounds, known: false, evidence: "configuration names no resolver" };
  const found = resolvers.map(configuredResolver);
  return { ...grounds, known: true, resolvers: found, signs: found.flatMap(({ signs }) => signs) };
}

/** Those of kube-dns and of caches on nodes. */
export const standardPorts: readonly DnsPort[] = [
  { protocol: "UDP", port: 53, name: "dns" },
  { protocol: "TCP", port: 53, name: "dns-tcp" },
];

function configuredResolver(given: ConfiguredResolver): DnsResolver {
  const { name, namespace, namespaceLabels, podLabels, hostNetwork = false, ports = standardPorts } = given;
  const namedPorts = ports.flatMap((port) => (port.name === undefined ? [] : [{ ...port, name: port.name }]));
  const { addresses = [], clusterIPs = [], nodeLocalAddresses = [] } = given;
  return {
    kind: "configured",
    name,
    evidence: `${name} by configuration`,
    signs: [{ object: "RingfenceConfiguration", field: "dns.resolvers", says: name }],
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

/** The endpoint with what reachability asks of it. */
export function withTarget(endpoint: Omit<DnsEndpoint, "target">): DnsEndpoint {
  const { namespace, namespaceLabels, labels, partial = false, hostNetwork } = endpoint;
  const pod = { namespace: { name: namespace, labels: namespaceLabels }, labels, partial, hostNetwork };
  return { ...endpoint, target: { pod, addresses: readAddresses(endpoint.addresses) } };
}

/** Those that are addresses, read. */
export function readAddresses(texts: readonly string[]): readonly Address[] {
  return texts.map(parseAddress).filter((address) => address !== undefined);
}
