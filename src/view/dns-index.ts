import type { DnsProfile } from "../network/dns-profile.ts";
import { dnsNamespaces, dnsRank, dnsServiceLabels } from "../network/dns/candidates.ts";
import { detectDnsProfile, type DnsFacts } from "../network/dns/detect.ts";
import type { ResolverPod, ResolverSource } from "../network/dns/service-resolver.ts";
import type { LabelSet } from "../network/labels.ts";
import type { EndpointSlice } from "../wire/endpoint-slice.ts";
import type { Service } from "../wire/service.ts";
import type { DnsKind } from "./followed-kinds.ts";
import { Kind, type KindHandler } from "./kind.ts";

const serviceOfSlice = "kubernetes.io/service-name";

export type DnsNamespace = (typeof dnsNamespaces)[number];

export interface DnsIndexOptions {
  readonly changed: () => void;
  readonly settled: () => void;
}

/** What the profile needs besides Services and slices. */
export interface DnsSurroundings {
  /** Undefined: unknown. */
  readonly namespaceLabels: (namespace: DnsNamespace) => LabelSet | undefined;
  readonly pods: (namespace: DnsNamespace) => readonly ResolverPod[];
  /** Undefined: not read yet. */
  readonly facts: DnsFacts | undefined;
}

/** What is followed in one of the namespaces in which the cluster's DNS may stand. */
export interface DnsKinds {
  readonly services: Kind<Service, Service>;
  readonly endpointslices: Kind<EndpointSlice, EndpointSlice>;
}

/** The Services and EndpointSlices of the cluster's DNS. Of all others nothing is kept. */
export class DnsIndex {
  readonly in: Readonly<Record<DnsNamespace, DnsKinds>>;

  constructor(options: DnsIndexOptions) {
    const kinds = (namespace: DnsNamespace): DnsKinds => ({
      services: new Kind({ ...options, read: (service: Service) => keptService(service, namespace) }),
      endpointslices: new Kind({ ...options, read: (slice: EndpointSlice) => keptSlice(slice, namespace) }),
    });
    this.in = { "kube-system": kinds("kube-system"), "openshift-dns": kinds("openshift-dns") };
  }

  /** Where the objects of each kind go. */
  get handlers(): Readonly<Record<DnsKind, KindHandler>> {
    const { "kube-system": kubeSystem, "openshift-dns": openshift } = this.in;
    return {
      "services/kube-system": kubeSystem.services,
      "endpointslices/kube-system": kubeSystem.endpointslices,
      "services/openshift-dns": openshift.services,
      "endpointslices/openshift-dns": openshift.endpointslices,
    };
  }

  /** The profile as it is detected now. */
  profile(surroundings: DnsSurroundings): DnsProfile {
    const sources: ResolverSource[] = [];
    for (const namespace of dnsNamespaces) {
      const { services, endpointslices } = this.in[namespace];
      if (!services.known || !endpointslices.known) {
        return notKnown(`Services or EndpointSlices of ${namespace} are not known`);
      }
      const found = services.in(namespace);
      if (found.size === 0) continue;
      const namespaceLabels = surroundings.namespaceLabels(namespace);
      if (namespaceLabels === undefined) {
        return notKnown(`the labels of namespace ${namespace} are not known`);
      }
      const pods = surroundings.pods(namespace);
      const slices = [...endpointslices.in(namespace).values()];
      for (const service of found.values()) {
        sources.push({
          service,
          slices: slices.filter(
            ({ metadata }) => metadata.labels?.[serviceOfSlice] === service.metadata.name,
          ),
          pods,
          namespaceLabels,
        });
      }
    }
    return detectDnsProfile(sources, surroundings.facts);
  }
}

function notKnown(evidence: string): DnsProfile {
  return { known: false, evidence, signs: [], unread: [] };
}

function keptService(service: Service, inNamespace: DnsNamespace): Service | undefined {
  const { metadata, spec } = service;
  const { name, namespace, labels = {} } = metadata;
  if (namespace !== inNamespace || dnsRank(service) === undefined) return undefined;
  const { clusterIP, clusterIPs, selector, ports } = spec ?? {};
  const telling = dnsServiceLabels.flatMap((key) =>
    Object.hasOwn(labels, key) ? [[key, labels[key] ?? ""] as const] : [],
  );
  return {
    metadata: { ...(name !== undefined && { name }), namespace, labels: Object.fromEntries(telling) },
    spec: {
      ...(clusterIP !== undefined && { clusterIP }),
      ...(clusterIPs !== undefined && { clusterIPs }),
      ...(selector !== undefined && { selector }),
      ...(ports !== undefined && { ports }),
    },
  };
}

function keptSlice(
  { metadata, endpoints, ports }: EndpointSlice,
  inNamespace: DnsNamespace,
): EndpointSlice | undefined {
  const { name, namespace, labels = {} } = metadata;
  if (namespace !== inNamespace || !Object.hasOwn(labels, serviceOfSlice)) return undefined;
  const service = labels[serviceOfSlice] ?? "";
  return {
    metadata: { ...(name !== undefined && { name }), namespace, labels: { [serviceOfSlice]: service } },
    endpoints: (endpoints ?? []).map(({ addresses, conditions, targetRef }) => ({
      addresses,
      ...(conditions !== undefined && { conditions }),
      ...(targetRef !== undefined && { targetRef }),
    })),
    ports: ports ?? [],
  };
}
