import {
  detectDnsProfile,
  type DnsProfile,
  type ResolverPod,
  type ResolverSource,
} from "../network/dns-profile.ts";
import type { LabelSet } from "../network/labels.ts";
import type { EndpointSlice } from "../wire/endpoint-slice.ts";
import type { Service } from "../wire/service.ts";
import { Kind } from "./kind.ts";

/** Where a cluster's DNS Service stands, on kubeadm and nearly everywhere else. */
export const dnsNamespace = "kube-system";
const dnsServiceName = "kube-dns";
/** The label of the cluster's DNS, whatever software it is and whatever the Service's name. */
const dnsLabel = { key: "k8s-app", value: "kube-dns" };
const serviceOfSlice = "kubernetes.io/service-name";

export interface DnsIndexOptions {
  readonly changed: () => void;
  readonly settled: () => void;
}

/** What the profile needs besides Services and slices. */
export interface DnsSurroundings {
  /** Undefined: unknown. */
  readonly namespaceLabels: LabelSet | undefined;
  readonly pods: readonly ResolverPod[];
}

/** The Services and EndpointSlices of the cluster's DNS. Of all others nothing is kept. */
export class DnsIndex {
  readonly services: Kind<Service, Service>;
  readonly endpointslices: Kind<EndpointSlice, EndpointSlice>;

  constructor(options: DnsIndexOptions) {
    this.services = new Kind({ ...options, read: keptService });
    this.endpointslices = new Kind({ ...options, read: keptSlice });
  }

  /** The profile as it is detected now. */
  profile({ namespaceLabels, pods }: DnsSurroundings): DnsProfile {
    if (!this.services.known || !this.endpointslices.known) {
      return { known: false, evidence: `Services or EndpointSlices of ${dnsNamespace} are not known` };
    }
    if (namespaceLabels === undefined) {
      return { known: false, evidence: `the labels of namespace ${dnsNamespace} are not known` };
    }
    return detectDnsProfile(this.#sources(namespaceLabels, pods));
  }

  /** The Service kube-dns; where there is none, all that bear the label of the cluster's DNS. */
  #sources(namespaceLabels: LabelSet, pods: readonly ResolverPod[]): readonly ResolverSource[] {
    const services = this.services.in(dnsNamespace);
    const named = services.get(dnsServiceName);
    const found = named === undefined ? [...services.values()] : [named];
    const slices = [...this.endpointslices.in(dnsNamespace).values()];
    return found.map((service) => ({
      service,
      slices: slices.filter(({ metadata }) => metadata.labels?.[serviceOfSlice] === service.metadata.name),
      pods,
      namespaceLabels,
    }));
  }
}

function keptService({ metadata, spec }: Service): Service | undefined {
  const { name, namespace, labels = {} } = metadata;
  if (namespace !== dnsNamespace) return undefined;
  const labelled = Object.hasOwn(labels, dnsLabel.key) && labels[dnsLabel.key] === dnsLabel.value;
  if (name !== dnsServiceName && !labelled) return undefined;
  // One for metrics alone bears the same label.
  if (spec?.ports?.some(({ port }) => port === 53) !== true) return undefined;
  const { clusterIP, clusterIPs, selector, ports } = spec;
  return {
    metadata: { ...(name !== undefined && { name }), namespace },
    spec: {
      ...(clusterIP !== undefined && { clusterIP }),
      ...(clusterIPs !== undefined && { clusterIPs }),
      ...(selector !== undefined && { selector }),
      ports,
    },
  };
}

function keptSlice({ metadata, endpoints, ports }: EndpointSlice): EndpointSlice | undefined {
  const { name, namespace, labels = {} } = metadata;
  if (namespace !== dnsNamespace || !Object.hasOwn(labels, serviceOfSlice)) return undefined;
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
