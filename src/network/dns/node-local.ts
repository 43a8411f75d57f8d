// NodeLocal DNSCache: a DaemonSet that answers on every node, at a link-local address and mostly at the ClusterIP of
// kube-dns as well (kubernetes/kubernetes, cluster/addons/dns/nodelocaldns). Gardener runs one for each worker pool,
// kubespray calls it nodelocaldns, and behind a Cilium local redirect policy it is an ordinary pod.

import { whyUnknown } from "../../wire/cluster-facts.ts";
import type { ClusterFacts, ContainerFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import { parseAddress } from "../address.ts";
import { containsAddress, parseCidr } from "../cidr.ts";
import { readAddresses, standardPorts, withTarget } from "../dns-profile.ts";
import type { DnsResolver } from "../dns-profile.ts";
import type { Evidence } from "../evidence.ts";
import { labelSet } from "../labels.ts";
import type { LabelSet } from "../labels.ts";
import { namespaceNameLabel } from "../selector.ts";
import { dnsNamespace } from "./candidates.ts";

/** The caches that run on the nodes. */
export interface NodeLocalCaches {
  readonly resolvers: readonly DnsResolver[];
  /** Names of the Services behind which the caches find the cluster's DNS: no pod asks these. */
  readonly upstreams: ReadonlySet<string>;
  /** Where it listens cannot be read: what then, says nothing of other resolvers either. */
  readonly unclear: string | undefined;
  /** What is unclear, as it stands there. */
  readonly signs: readonly Evidence[];
  /** Why the DaemonSets are not known, or which of them are not believed. */
  readonly unread: readonly string[];
}

/** The Service that the upstream manifest makes for the cache. */
const usualUpstream = "kube-dns-upstream";
const cacheNames: ReadonlySet<string> = new Set(["node-local-dns", "nodelocaldns"]);
const cacheImage = "k8s-dns-node-cache";

/** The caches among the DaemonSets of kube-system that have a pod to run somewhere. */
export function nodeLocalCaches({ daemonSets }: Pick<ClusterFacts, "daemonSets">): NodeLocalCaches {
  const upstreams = new Set([usualUpstream]);
  const none = { resolvers: [], upstreams, unclear: undefined, signs: [], unread: [] };
  const why = whyUnknown(daemonSets);
  if (why !== undefined) return { ...none, unread: [why] };
  const all = (daemonSets.state === "read" ? daemonSets.value : []).filter(
    (set) => isCache(set) && set.pods?.desired !== 0,
  );
  const [sets, strange] = [all.filter(isOfSystem), all.filter((set) => !isOfSystem(set))];
  const unread = doubts(strange);
  const resolvers = new Map<string, DnsResolver>();
  for (const set of sets) {
    const container = cacheContainer(set);
    const addresses = container && listensOn(container);
    if (container === undefined || addresses === undefined) {
      const unclear = `at which addresses DaemonSet ${nameOf(set)} answers, its arguments do not say (-localip)`;
      const says = container?.args.join(" ") ?? "no container of the cache";
      const field = "spec.template.spec.containers[].args";
      return { ...none, unread, unclear, signs: [{ object: `DaemonSet ${nameOf(set)}`, field, says }] };
    }
    const upstream = flagOf(container, "upstreamsvc");
    if (upstream !== undefined) upstreams.add(upstream);
    // Those of several worker pools are one to a policy.
    const key = JSON.stringify([set.namespace, set.hostNetwork, addresses]);
    if (!resolvers.has(key)) resolvers.set(key, cacheResolver(set, addresses));
  }
  return { ...none, unread, resolvers: [...resolvers.values()] };
}

/**
 * Whoever may write DaemonSets in a namespace of his own could otherwise say where the whole cluster resolves names, and
 * so which addresses fixes open in the namespaces of others. All known platforms run theirs beside the cluster's DNS.
 */
function isOfSystem({ namespace }: WorkloadFacts): boolean {
  return namespace === dnsNamespace;
}

/** Of those of other namespaces it is not known whether pods ask them. */
function doubts([first, ...others]: readonly WorkloadFacts[]): readonly string[] {
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return [
    `whether pods ask DaemonSet ${nameOf(first)}${more}: only caches in ${dnsNamespace} are taken for the cluster's`,
  ];
}

function isCache(set: WorkloadFacts): boolean {
  return (
    cacheNames.has(set.name) ||
    cacheNames.has(set.podLabels.get("k8s-app") ?? "") ||
    set.containers.some(({ image }) => image.includes(cacheImage))
  );
}

function cacheContainer({ containers }: WorkloadFacts): ContainerFacts | undefined {
  return (
    containers.find(({ image }) => image.includes(cacheImage)) ??
    containers.find((container) => flagOf(container, "localip") !== undefined)
  );
}

/** The addresses of `-localip`; undefined where one of them is none, such as a variable that is filled in later. */
function listensOn(container: ContainerFacts): readonly string[] | undefined {
  const texts = flagOf(container, "localip")
    ?.split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (texts === undefined || texts.length === 0) return undefined;
  return texts.every((text) => parseAddress(text) !== undefined) ? texts : undefined;
}

/** The value of a flag as Go's flag package reads it: `-name value`, `--name value`, `-name=value`. */
function flagOf({ args }: ContainerFacts, name: string): string | undefined {
  for (const [i, arg] of args.entries()) {
    if (arg === `-${name}` || arg === `--${name}`) return args[i + 1];
    for (const start of [`-${name}=`, `--${name}=`]) {
      if (arg.startsWith(start)) return arg.slice(start.length);
    }
  }
  return undefined;
}

function cacheResolver(set: WorkloadFacts, addresses: readonly string[]): DnsResolver {
  const name = nameOf(set);
  const podLabels = stableLabels(set.podLabels);
  // On the node's network no selector matches it; else it is a pod that redirected queries reach.
  const nodeLocalAddresses = set.hostNetwork ? addresses : [];
  const clusterIPs = set.hostNetwork ? [] : addresses;
  const endpoint = withTarget({
    namespace: set.namespace,
    namespaceLabels: labelSet({ [namespaceNameLabel]: set.namespace }),
    labels: podLabels,
    partial: true,
    namedPorts: standardPorts.flatMap((port) =>
      port.name === undefined ? [] : [{ ...port, name: port.name }],
    ),
    hostNetwork: set.hostNetwork,
    addresses: nodeLocalAddresses,
    otherAddresses: !set.hostNetwork,
    ports: standardPorts,
  });
  const how = set.hostNetwork ? "on the host network" : "as pods that queries are redirected to";
  return {
    kind: "node-local-dns",
    name,
    evidence: `NodeLocal DNSCache at ${addresses.join(", ")} ${how} (DaemonSet ${name})`,
    signs: signsOf(set, addresses),
    namespace: set.namespace,
    podLabels,
    clusterIPs,
    nodeLocalAddresses,
    endpoints: [endpoint],
    servicePorts: standardPorts,
    read: { clusterIPs: readAddresses(clusterIPs), nodeLocal: readAddresses(nodeLocalAddresses) },
  };
}

function signsOf(set: WorkloadFacts, addresses: readonly string[]): readonly Evidence[] {
  const object = `DaemonSet ${nameOf(set)}`;
  return [
    { object, field: "spec.template.spec.containers[].args -localip", says: addresses.join(", ") },
    { object, field: "spec.template.spec.hostNetwork", says: String(set.hostNetwork) },
  ];
}

const linkLocal = ["169.254.0.0/16", "fe80::/10"].map(parseCidr).filter((range) => range !== undefined);

/** Whether the cache answers at addresses of the link alone: only pods that are told to do so then ask it. */
export function isLinkLocalOnly({ nodeLocalAddresses, read }: DnsResolver): boolean {
  return (
    nodeLocalAddresses.length > 0 &&
    read.nodeLocal.every((address) => linkLocal.some((range) => containsAddress(range, address)))
  );
}

/** The label that all DaemonSets of the cache have in common, where they have it. */
function stableLabels(labels: LabelSet): LabelSet {
  const app = labels.get("k8s-app");
  return app === undefined ? labels : labelSet({ "k8s-app": app });
}

function nameOf({ namespace, name }: WorkloadFacts): string {
  return `${namespace}/${name}`;
}
