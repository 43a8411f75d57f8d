// kubeadm keeps the kubelet's configuration in a ConfigMap; its clusterDNS is what kubelets write into pods' resolv.conf,
// unless a node has its own.

import { whyUnknown } from "../../wire/cluster-facts.ts";
import type { ClusterFacts } from "../../wire/cluster-facts.ts";
import { parseAddress } from "../address.ts";
import type { Address } from "../address.ts";
import type { DnsResolver } from "../dns-profile.ts";
import type { Evidence } from "../evidence.ts";

const configMap = "kube-system/kubelet-config";

export interface ClusterDns {
  readonly addresses: readonly string[];
  readonly signs: readonly Evidence[];
  readonly unread: readonly string[];
}

/** The addresses of `clusterDNS`; none where there is no such ConfigMap, as wherever kubeadm was not used. */
export function clusterDnsOf({ configMaps }: Pick<ClusterFacts, "configMaps">): ClusterDns {
  const nothing = { addresses: [], signs: [], unread: [] };
  const fact = configMaps.get(configMap);
  if (fact === undefined) return nothing;
  const why = whyUnknown(fact);
  if (why !== undefined) return { ...nothing, unread: [why] };
  const text = fact.state === "read" ? (fact.value.get("kubelet") ?? "") : "";
  const addresses = listAfter(text, "clusterDNS").filter((item) => parseAddress(item) !== undefined);
  if (addresses.length === 0) return nothing;
  const sign = {
    object: `ConfigMap ${configMap}`,
    field: "data.kubelet clusterDNS",
    says: addresses.join(", "),
  };
  return { ...nothing, addresses, signs: [sign] };
}

/** The items of a top-level list of a YAML text, block or flow, as kubeadm writes it. */
function listAfter(text: string, key: string): readonly string[] {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (at < 0) return [];
  const flow = /\[([^\]]*)\]/.exec(lines[at] ?? "")?.[1];
  if (flow !== undefined) return flow.split(",").map(plain);
  const items: string[] = [];
  for (const line of lines.slice(at + 1)) {
    const item = /^\s*-\s+(\S+)\s*$/.exec(line)?.[1];
    if (item === undefined) break;
    items.push(plain(item));
  }
  return items;
}

function plain(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}

/** Of these addresses the first at which none of the resolvers answers. */
export function answeredByNobody(
  addresses: readonly string[],
  resolvers: readonly DnsResolver[],
): string | undefined {
  const answering = resolvers.flatMap(({ read, endpoints }) => [
    ...read.clusterIPs,
    ...read.nodeLocal,
    ...endpoints.flatMap(({ target }) => target.addresses),
  ]);
  const isOne = (wanted: Address): boolean =>
    answering.some(({ family, value }) => family === wanted.family && value === wanted.value);
  return addresses.find((text) => {
    const address = parseAddress(text);
    return address !== undefined && !isOne(address);
  });
}
