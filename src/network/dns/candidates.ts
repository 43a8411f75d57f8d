import type { Service } from "../../wire/service.ts";
import type { ResolverSource } from "./service-resolver.ts";
import { labelSet, labelSetKey } from "../labels.ts";

/** Where a cluster's DNS Service stands, on kubeadm and nearly everywhere else. */
export const dnsNamespace = "kube-system";
export const openshiftNamespace = "openshift-dns";
/** The namespaces in which the Service of the cluster's DNS is looked for; elsewhere configuration has to name it. */
export const dnsNamespaces = [dnsNamespace, openshiftNamespace] as const;

/**
 * How surely a Service is the cluster's DNS, 0 the surest; undefined: it is none. By name (kubeadm, EKS, AKS, GKE, k3s),
 * by the label that kubeadm's, RKE2's and kubespray's have in common, then by what else CoreDNS is labelled with.
 */
export function dnsRank({ metadata, spec }: Service): number | undefined {
  // One for metrics alone bears the same labels.
  if (spec?.ports?.some(({ port }) => port === 53) !== true) return undefined;
  const labels = labelSet(metadata.labels);
  if (metadata.namespace === openshiftNamespace) return metadata.name === "dns-default" ? 0 : undefined;
  if (metadata.namespace !== dnsNamespace) return undefined;
  if (metadata.name === "kube-dns") return 0;
  if (labels.get("k8s-app") === "kube-dns") return 1;
  return coreDnsLabels.some(([key, value]) => labels.get(key) === value) ? 2 : undefined;
}

/** The labels by which `dnsRank` knows a Service. */
export const dnsServiceLabels = ["k8s-app", "kubernetes.io/name", "app.kubernetes.io/name"] as const;

const coreDnsLabels = [
  ["k8s-app", "coredns"],
  ["kubernetes.io/name", "CoreDNS"],
  ["app.kubernetes.io/name", "coredns"],
] as const;

/**
 * The Services that pods ask: of each namespace the surest. A second Service before the same pods, through which
 * NodeLocal DNSCache finds them, is none of them.
 */
export function askedServices(
  sources: readonly ResolverSource[],
  upstreams: ReadonlySet<string>,
): readonly ResolverSource[] {
  return dnsNamespaces.flatMap((namespace) => {
    const here = sources
      .filter(({ service }) => service.metadata.namespace === namespace)
      .map((source) => ({ source, rank: dnsRank(source.service) }))
      .filter(({ rank }) => rank !== undefined);
    const best = Math.min(...here.map(({ rank = Infinity }) => rank));
    const surest = here.filter(({ rank }) => rank === best).map(({ source }) => source);
    const groups = Map.groupBy(surest, ({ service }) => selectorKey(service));
    return [...groups.values()].flatMap((group) => {
      const asked = group.filter(({ service }) => !upstreams.has(service.metadata.name ?? ""));
      return asked.length > 0 ? asked : group;
    });
  });
}

/** Services without a selector have nothing in common. */
function selectorKey({ metadata, spec }: Service): string {
  return spec?.selector === undefined
    ? `name ${metadata.name ?? ""}`
    : `selector ${labelSetKey(labelSet(spec.selector))}`;
}
