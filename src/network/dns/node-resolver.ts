// Resolvers that are no pods: Cloud DNS of GKE, which the node answers for at the metadata address, the CoreDNS that
// nodes of EKS Auto Mode run as a process and reach at the ClusterIP of kube-dns, and LocalDNS of AKS.

import type { ClusterFacts } from "../../wire/cluster-facts.ts";
import { addressText, parseAddress } from "../address.ts";
import { readAddresses, standardPorts, withTarget } from "../dns-profile.ts";
import type { DnsKind, DnsResolver } from "../dns-profile.ts";
import type { Evidence } from "../evidence.ts";
import { labelSet } from "../labels.ts";
import { addressesOf } from "./service-resolver.ts";
import type { ResolverSource } from "./service-resolver.ts";

/** Cloud DNS: the nameserver of pods is the address of the node's metadata server (GKE documentation, "Cloud DNS"). */
export function cloudDns(signs: readonly Evidence[]): DnsResolver {
  return onNode({
    kind: "gke-cloud-dns",
    name: "Cloud DNS of GKE",
    addresses: ["169.254.169.254"],
    otherAddresses: false,
    evidence: "Cloud DNS of GKE at 169.254.169.254",
    signs,
  });
}

/** LocalDNS of AKS: CoreDNS as a service of the node, which the kubelet names to pods (Azure/AgentBaker, localdns). */
export function aksLocalDns(signs: readonly Evidence[]): DnsResolver {
  return onNode({
    kind: "aks-local-dns",
    name: "LocalDNS of AKS",
    addresses: ["169.254.10.11"],
    otherAddresses: false,
    evidence: "LocalDNS of AKS at 169.254.10.11",
    signs,
  });
}

/**
 * CoreDNS of Auto Mode nodes. It is asked at the tenth address of the Service range, as on all of EKS, whether there is
 * a Service kube-dns or not; where that is custom it may be another, so that no other ipBlock is called wrong.
 */
export function autoModeDns(
  services: readonly ResolverSource[],
  facts: Pick<ClusterFacts, "services">,
  signs: readonly Evidence[],
): DnsResolver {
  const ofService = services.flatMap(({ service }) => addressesOf(service));
  const api = facts.services.get("default/kubernetes");
  const first = api?.state === "read" ? addressesOf(api.value) : [];
  const tenth = first.map(tenthAddress).filter((address) => address !== undefined);
  const addresses = [...new Set([...ofService, ...tenth])];
  return onNode({
    kind: "eks-auto-mode",
    name: "CoreDNS of EKS Auto Mode nodes",
    addresses,
    otherAddresses: true,
    evidence: `CoreDNS on the nodes of EKS Auto Mode at ${addresses.join(", ") || "the ClusterIP of kube-dns"}`,
    signs: [
      ...signs,
      ...(tenth.length === 0
        ? []
        : [
            {
              object: "Service default/kubernetes",
              field: "spec.clusterIPs",
              says: `${first.join(", ")}, so that DNS is asked at ${tenth.join(", ")}`,
            },
          ]),
    ],
  });
}

/** From the first address of the Service range, which the API server has, that of its DNS: .10, or ::a. */
function tenthAddress(first: string): string | undefined {
  const address = parseAddress(first);
  // The last part must be 1 for this to be the first of a range.
  if (address === undefined || address.value % 16n !== 1n) return undefined;
  return addressText({ ...address, value: address.value + 9n });
}

interface OnNode {
  readonly kind: DnsKind;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly otherAddresses: boolean;
  readonly evidence: string;
  readonly signs: readonly Evidence[];
}

function onNode({ addresses, otherAddresses, ...rest }: OnNode): DnsResolver {
  const nowhere = { namespace: "", namespaceLabels: labelSet({}), labels: labelSet({}) };
  const endpoint = withTarget({
    ...nowhere,
    namedPorts: [],
    hostNetwork: true,
    addresses,
    otherAddresses,
    ports: standardPorts,
  });
  return {
    ...rest,
    namespace: "",
    podLabels: labelSet({}),
    clusterIPs: [],
    nodeLocalAddresses: addresses,
    endpoints: [endpoint],
    servicePorts: standardPorts,
    read: { clusterIPs: [], nodeLocal: readAddresses(addresses) },
  };
}
