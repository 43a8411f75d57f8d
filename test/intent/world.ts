// A small cluster around the namespace `shop`, in which intents are tried.

import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { parseAddress } from "#src/network/address.ts";
import type { End, PodEnd } from "#src/network/connection.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet } from "#src/network/policy-set.ts";
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

export function partsOf(name: PodName): { readonly namespace: NamespaceName; readonly app: string } {
  const [namespace = "", app = ""] = name.split("/");
  return { namespace: namespace as NamespaceName, app };
}

/** The policies that stand in shop. */
export function policiesOf(pieces: readonly Piece[]): NetworkPolicy[] {
  return pieces.map(({ purpose, spec }) => ({ metadata: { name: purpose, namespace: "shop" }, spec }));
}

/** Every pod and address as an end of connections; no policy stands but in shop. */
export function endsUnder(pieces: readonly Piece[]): ReadonlyMap<string, End> {
  const set = policySet(
    "shop",
    policiesOf(pieces).map((policy) => compilePolicy(policy)),
  );
  const ends = new Map<string, End>();
  for (const name of podNames) {
    const { namespace, app } = partsOf(name);
    ends.set(name, {
      kind: "pod",
      namespace: { name: namespace, labels: labelSet({ [nameKey]: namespace, ...namespaces[namespace] }) },
      policies: namespace === "shop" ? set : policySet(namespace, []),
      labels: labelSet(namespace === "kube-system" ? { "k8s-app": app } : { app }),
      namedPorts: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "metrics", protocol: "TCP", port: 9090 },
      ],
      hostNetwork: false,
      addresses: [addressOf(podAddresses[name])],
    } satisfies PodEnd);
  }
  for (const [name, text] of Object.entries(outside)) {
    ends.set(name, { kind: "outside", address: addressOf(text) });
  }
  return ends;
}

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}
