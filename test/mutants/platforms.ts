// Clusters whose DNS stands in different places, with the rules that open it rightly there, written by hand.
import { join } from "node:path";
import type { NetworkPolicyEgressRule, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { fixturesDirectory } from "../support/fixtures.ts";
import { readObjects, type KubernetesObject } from "../support/objects.ts";
import type { Platform } from "./set.ts";

const nameLabel = "kubernetes.io/metadata.name";
const both = (...numbers: readonly (number | string)[]) =>
  numbers.flatMap((port) => [
    { protocol: "UDP", port },
    { protocol: "TCP", port },
  ]);
const block = (address: string): NetworkPolicyPeer => ({ ipBlock: { cidr: `${address}/32` } });
const named = (name: string) => ({ matchLabels: { [nameLabel]: name } });

const kubeDns = {
  namespaceSelector: named("kube-system"),
  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
};
const openshiftDns = {
  namespaceSelector: named("openshift-dns"),
  podSelector: { matchLabels: { "dns.operator.openshift.io/daemonset-dns": "default" } },
};

/** The recorded cluster without the namespace shop, which the recipes fill themselves; all pods get addresses of its first node. */
function recorded(name: string): KubernetesObject[] {
  const objects = readObjects(join(fixturesDirectory, "facts", "dns", `${name}.yaml`)).filter(
    ({ kind, metadata }) =>
      metadata.namespace !== "shop" && !(kind === "Namespace" && metadata.name === "shop"),
  );
  const first = objects.find(({ kind }) => kind === "Node");
  return objects.map((object) => (object === first ? withPodRange(object) : object));
}

function withPodRange(node: KubernetesObject & { spec?: object }): KubernetesObject {
  return { ...node, ...{ spec: { ...node.spec, podCIDRs: ["10.244.0.0/16"] } } };
}

const upstream: Platform["dnsRules"] = [
  { to: [kubeDns], ports: both(53) },
  { to: [{ namespaceSelector: kubeDns.namespaceSelector }], ports: both(53) },
  { to: [{ namespaceSelector: {}, podSelector: kubeDns.podSelector }], ports: both(53) },
  { to: [kubeDns, block("10.96.0.10")], ports: both(53) },
  { ports: both(53) } satisfies NetworkPolicyEgressRule,
];

export const platforms: readonly [Platform, ...Platform[]] = [
  {
    name: "kubeadm",
    objects: recorded("kubeadm"),
    dnsRules: upstream,
    resolver: { ...kubeDns, port: 53 },
    addresses: ["10.96.0.10"],
  },
  {
    name: "openshift",
    objects: recorded("openshift"),
    dnsRules: [
      { to: [openshiftDns], ports: both(5353) },
      { to: [{ namespaceSelector: openshiftDns.namespaceSelector }], ports: both(5353, 53) },
      {
        to: [openshiftDns],
        ports: [
          { protocol: "UDP", port: "dns" },
          { protocol: "TCP", port: "dns-tcp" },
        ],
      },
    ],
    resolver: { ...openshiftDns, port: 5353 },
    addresses: ["172.30.0.10"],
  },
  {
    name: "gardener",
    objects: recorded("gardener"),
    dnsRules: [
      { to: [kubeDns], ports: both(8053) },
      { to: [kubeDns], ports: both(53, 8053) },
    ],
    resolver: { ...kubeDns, port: 8053 },
    addresses: ["100.64.0.10"],
  },
  {
    name: "node-local-dns-iptables",
    objects: recorded("node-local-dns-iptables"),
    dnsRules: [
      { to: [kubeDns, block("169.254.20.10"), block("10.96.0.10")], ports: both(53) },
      { ports: both(53) },
    ],
    resolver: { ...kubeDns, port: 53 },
    addresses: ["169.254.20.10", "10.96.0.10"],
  },
  {
    name: "eks-auto-mode",
    objects: recorded("eks-auto-mode"),
    dnsRules: [{ to: [block("172.20.0.10")], ports: both(53) }, { ports: both(53) }],
    resolver: undefined,
    addresses: ["172.20.0.10"],
  },
  {
    name: "gke-cloud-dns",
    objects: recorded("gke-cloud-dns"),
    dnsRules: [{ to: [block("169.254.169.254"), kubeDns], ports: both(53) }],
    // Its Service is still there, and may have pods again.
    resolver: { ...kubeDns, port: 53 },
    addresses: ["169.254.169.254"],
  },
];
