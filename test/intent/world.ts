// A small cluster around the namespace `shop`, in which intents are tried.

import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { parseAddress } from "#src/network/address.ts";
import type { End, PodEnd } from "#src/network/connection.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet, type PolicySet } from "#src/network/policy-set.ts";
import { ruleOfFlags } from "#src/network/dns/written.ts";
import type { Piece } from "#src/intent/purpose.ts";
import { podsOf, range } from "#src/intent/spec.ts";
import type { Surroundings } from "#src/intent/surroundings.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";

export const tenantKey = "example.com/customer";
const nameKey = "kubernetes.io/metadata.name";

export const namespaces = {
  shop: { [tenantKey]: "red" },
  billing: { [tenantKey]: "red" },
  data: { [tenantKey]: "blue" },
  "ingress-nginx": {},
  monitoring: {},
  "kube-system": {},
  proxy: {},
} as const satisfies Record<string, Record<string, string>>;
export type NamespaceName = keyof typeof namespaces;

/** `namespace/app`, with its address; pods of shop serve 8080 as http and 9090 as metrics. */
const podAddresses = {
  "shop/frontend": "10.1.0.1",
  "shop/backend": "10.1.0.2",
  "shop/postgres": "10.1.0.3",
  "billing/frontend": "10.1.1.1",
  "data/postgres": "10.1.2.1",
  "ingress-nginx/controller": "10.1.3.1",
  "monitoring/prometheus": "10.1.4.1",
  "kube-system/kube-dns": "10.1.5.1",
  "proxy/squid": "10.1.6.1",
} as const;
export type PodName = keyof typeof podAddresses;

/** Pods have one of either family. */
export function addressesOf(name: PodName): readonly [string, string] {
  const address = podAddresses[name];
  return [address, address.replace("10.1.", "2001:db8::").replace(/\.(\d+)$/, ":$1")];
}

/** Addresses outside, each with what it stands for. */
export const outside = {
  "API server": "192.0.2.10",
  "load balancer": "203.0.113.7",
  "private 10.0.5.9": "10.0.5.9",
  internet: "8.8.8.8",
} as const;

const podNames = Object.keys(podAddresses) as PodName[];
export const ours = podNames.filter((name) => name.startsWith("shop/"));

export const surroundings: Surroundings = {
  namespace: { name: "shop", labels: labelSet({ [nameKey]: "shop", ...namespaces.shop }) },
  dns: ruleOfFlags({}),
  ingressControllers: [podsOf("ingress-nginx", { app: "controller" })],
  prometheus: [podsOf("monitoring", { app: "prometheus" })],
  proxy: { peers: [podsOf("proxy", { app: "squid" })], ports: [{ protocol: "TCP", port: 3128 }] },
  kubeAPI: { peers: [range("192.0.2.10/32", undefined)], ports: [{ protocol: "TCP", port: 6443 }] },
};

/** Addresses outside of which a reader of a matrix need not know. */
export const further = {
  "DNS of the node": "169.254.20.10",
  "DNS Service": "10.96.0.10",
  "private IPv6": "fd00:5::9",
  "proxy outside": "192.0.2.128",
} as const;

/** Whom a configuration, or a cluster's DNS, names: in the words of the product, and in plain ones. */
export interface Around {
  readonly surroundings: Surroundings;
  readonly controllers: readonly string[];
  readonly prometheus: readonly string[];
  readonly proxy: { readonly names: readonly string[]; readonly ports?: readonly string[] };
  readonly kubeAPI: { readonly names: readonly string[]; readonly ports: readonly string[] };
  /** What intents open for DNS. */
  readonly dns: { readonly names: readonly string[]; readonly ports: readonly string[] };
}

const overBoth = (...numbers: readonly number[]): string[] =>
  numbers.flatMap((number) => [`${number}/UDP`, `${number}/TCP`]);

const usual: Around = {
  surroundings,
  controllers: ["ingress-nginx/controller"],
  prometheus: ["monitoring/prometheus"],
  proxy: { names: ["proxy/squid"], ports: ["3128/TCP"] },
  kubeAPI: { names: ["API server"], ports: ["6443/TCP"] },
  dns: { names: ["kube-system/kube-dns"], ports: overBoth(53) },
};

/** Clusters of several kinds around the same pods. */
export const arounds: Readonly<Record<string, Around>> = {
  usual,
  "a cache on every node, and two ingress controllers": {
    ...usual,
    surroundings: {
      ...surroundings,
      dns: ruleOfFlags({ to: ["169.254.20.10", "kube-system/k8s-app=kube-dns"] }),
      ingressControllers: [podsOf("billing", undefined), ...surroundings.ingressControllers],
    },
    controllers: ["ingress-nginx/controller", "billing/frontend"],
    dns: { names: ["DNS of the node", "kube-system/kube-dns"], ports: overBoth(53) },
  },
  "addresses alone, and a proxy outside": {
    ...usual,
    surroundings: {
      ...surroundings,
      dns: ruleOfFlags({ to: ["10.96.0.10"] }),
      proxy: { peers: [range("192.0.2.128/25", undefined)], ports: [] },
      kubeAPI: {
        peers: [range("192.0.2.10/32", undefined), range("203.0.113.7/32", undefined)],
        ports: [
          { protocol: "TCP", port: 6443 },
          { protocol: "TCP", port: 443 },
        ],
      },
    },
    proxy: { names: ["proxy outside"] },
    kubeAPI: { names: ["API server", "load balancer"], ports: ["6443/TCP", "443/TCP"] },
    dns: { names: ["DNS Service"], ports: overBoth(53) },
  },
  "another port of the resolver": {
    ...usual,
    surroundings: { ...surroundings, dns: ruleOfFlags({ ports: [5353] }) },
    dns: { names: ["kube-system/kube-dns"], ports: overBoth(5353) },
  },
  "DNS that others open": {
    ...usual,
    surroundings: { ...surroundings, dns: "elsewhere" },
    dns: { names: [], ports: [] },
  },
};

/** Pods of the front have another tier than all others. */
export function labelsOfPod(name: PodName): Readonly<Record<string, string>> {
  const { namespace, app } = partsOf(name);
  if (namespace === "kube-system") return { "k8s-app": app };
  return { app, tier: app === "frontend" ? "web" : "back" };
}

export function partsOf(name: PodName): { readonly namespace: NamespaceName; readonly app: string } {
  const [namespace = "", app = ""] = name.split("/");
  return { namespace: namespace as NamespaceName, app };
}

/** The policies that stand in shop. */
export function policiesOf(pieces: readonly Piece[]): NetworkPolicy[] {
  return pieces.map(({ purpose, spec }) => ({ metadata: { name: purpose, namespace: "shop" }, spec }));
}

/** Every pod and address as an end of connections; no policy stands but in shop. */
export function endsUnder(
  pieces: readonly Piece[],
  addresses: Readonly<Record<string, string>> = outside,
): ReadonlyMap<string, End> {
  const compiled = policiesOf(pieces).map((policy) => compilePolicy(policy));
  return endsOf(policySet("shop", compiled), addresses);
}

/** The same where these sets stand in shop, and in data. */
export function endsOf(
  set: PolicySet,
  addresses: Readonly<Record<string, string>> = outside,
  inData: PolicySet = policySet("data", []),
): ReadonlyMap<string, End> {
  const ends = new Map<string, End>();
  for (const name of podNames) {
    const { namespace } = partsOf(name);
    ends.set(name, {
      kind: "pod",
      namespace: { name: namespace, labels: labelSet({ [nameKey]: namespace, ...namespaces[namespace] }) },
      policies: namespace === "shop" ? set : namespace === "data" ? inData : policySet(namespace, []),
      labels: labelSet(labelsOfPod(name)),
      namedPorts: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "metrics", protocol: "TCP", port: 9090 },
      ],
      hostNetwork: false,
      addresses: addressesOf(name).map(addressOf),
    } satisfies PodEnd);
  }
  for (const [name, text] of Object.entries(addresses)) {
    ends.set(name, { kind: "outside", address: addressOf(text) });
  }
  return ends;
}

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}
