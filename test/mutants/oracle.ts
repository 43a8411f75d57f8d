// Whether pods of a set may ask the cluster's DNS, by the naive evaluator alone: what the product's rules about DNS are
// held against.
import { naiveAllows, type NaiveCluster, type NaiveEnd, type NaivePod } from "../network/naive/evaluator.ts";
import { asSent, isNamespace, type KubernetesObject } from "../support/objects.ts";
import type { Platform, PolicyObject, PolicySetCase } from "./set.ts";

type Cluster = Pick<PolicySetCase, "platform" | "surroundings" | "policies">;

interface WithSpec extends KubernetesObject {
  spec?: PodSpec & {
    template?: { metadata?: { labels?: Record<string, string> }; spec?: PodSpec };
    jobTemplate?: {
      spec?: { template?: { metadata?: { labels?: Record<string, string> }; spec?: PodSpec } };
    };
  };
  status?: { podIP?: string };
}

interface PodSpec {
  hostNetwork?: boolean;
  dnsPolicy?: string;
  containers?: { ports?: NaivePod["ports"] }[];
}

/** Pods and templates, which stand for pods to come, that resolve names by the cluster's DNS over the pods' network. */
function askers(objects: readonly KubernetesObject[]): NaivePod[] {
  return objects.flatMap((object) => {
    const { kind, metadata, spec, status } = object as WithSpec;
    const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
    const pod = kind === "Pod" ? spec : template?.spec;
    if (pod === undefined || pod.hostNetwork === true || (pod.dnsPolicy ?? "ClusterFirst") !== "ClusterFirst")
      return [];
    const labels = (kind === "Pod" ? metadata.labels : template?.metadata?.labels) ?? {};
    const ip = status?.podIP ?? "10.244.255.1";
    return [podEnd(metadata.namespace ?? "", metadata.name ?? "", labels, ip)];
  });
}

/** One pod yet to come for each namespace with policies and nobody else who asks. */
function toCome(policies: readonly PolicyObject[], there: readonly NaivePod[]): NaivePod[] {
  const empty = new Set(policies.map(({ metadata }) => metadata.namespace));
  for (const { namespace } of there) empty.delete(namespace);
  return [...empty].map((namespace) => podEnd(namespace, "yet-to-come", {}, "10.244.255.2"));
}

function podEnd(namespace: string, name: string, labels: Record<string, string>, ip: string): NaivePod {
  return { namespace, name, labels, ips: [ip], node: "n1", hostNetwork: false, ports: [] };
}

/** Where names are asked: any of these will do. */
function resolversOf({ resolver, addresses }: Platform): { end: NaiveEnd; port: number }[] {
  const ways: { end: NaiveEnd; port: number }[] = addresses.map((ip) => ({ end: { ip }, port: 53 }));
  const [namespace] = Object.values(resolver?.namespaceSelector.matchLabels ?? {});
  if (resolver === undefined || namespace === undefined) return ways;
  const pod = podEnd(namespace, "dns", resolver.podSelector.matchLabels ?? {}, "10.244.254.1");
  pod.ports = [
    { name: "dns", containerPort: resolver.port, protocol: "UDP" },
    { name: "dns-tcp", containerPort: resolver.port, protocol: "TCP" },
  ];
  return [...ways, { end: pod, port: resolver.port }];
}

/** The pods that may ask no resolver over this protocol, as `namespace/name`. */
export function cutOff({ platform, surroundings, policies }: Cluster, protocol: "UDP" | "TCP"): Set<string> {
  const objects = [...platform.objects, ...surroundings];
  const there = askers(surroundings);
  const pods = [...there, ...toCome(policies, there)];
  const cluster: NaiveCluster = {
    namespaces: objects.filter(isNamespace).map((object) => {
      const { name = "", labels = {} } = asSent(object).metadata;
      return { name, labels };
    }),
    pods,
    // Whether the resolver lets them in is another question.
    policies: policies
      .filter(({ metadata }) => metadata.namespace !== "kube-system")
      .map((policy) => asSent(policy) as PolicyObject),
  };
  const ways = resolversOf(platform);
  const asks = (from: NaivePod): boolean =>
    ways.some(({ end, port }) =>
      naiveAllows(cluster, { from, to: end, protocol, port }, { namedPortsOfRanges: true }),
    );
  return new Set(pods.filter((pod) => !asks(pod)).map(({ namespace, name }) => `${namespace}/${name}`));
}

/** Whether some pod resolves names over UDP and could not repeat a question over TCP. */
export function lacksTcp(cluster: Cluster): boolean {
  const withoutUdp = cutOff(cluster, "UDP");
  return [...cutOff(cluster, "TCP")].some((pod) => !withoutUdp.has(pod));
}
