import type { LabelSelector } from "../../src/wire/meta.ts";
import type { NetworkPolicyEgressRule, NetworkPolicySpec } from "../../src/wire/network-policy.ts";

/** Numbers from 0 to below 1, the same for the same seed. */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    // Numerical Recipes' linear congruential generator; its upper bits are good enough for lists.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** So many different numbers below `limit`, in the order drawn. */
export function pick(random: () => number, limit: number, count: number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(Math.floor(random() * limit));
  return [...drawn];
}

/** The label keys of the cases that are rich in labels: "example.com/key-00". */
export function keyName(index: number): string {
  return `example.com/key-${String(index).padStart(2, "0")}`;
}

/** Their values: "value-0000". */
export function valueName(index: number): string {
  return `value-${String(index).padStart(4, "0")}`;
}

/** A requirement of a selector. */
export function oneOf(key: string, values: readonly string[]) {
  return { key, operator: "In", values: [...values] };
}

/** A selector with a list of all values but the `without`-th for a key, and of all for the others. */
export function labelRich(keys: number, values: number, without: number): LabelSelector {
  const all = Array.from({ length: values }, (_, index) => valueName(index));
  const left = all.filter((_, index) => index !== without % values);
  return {
    matchExpressions: Array.from({ length: keys }, (_, key) =>
      oneOf(keyName(key), key === without % keys ? left : all),
    ),
  };
}

/** Egress to the cluster's DNS. */
export function dnsRule(protocols: readonly string[] = ["UDP", "TCP"]): NetworkPolicyEgressRule {
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
    ],
    ports: protocols.map((protocol) => ({ protocol, port: 53 })),
  };
}

/** A policy of one application: it isolates both directions and opens a port to a partner each way, and no DNS. */
export function bareSpec(app: string): NetworkPolicySpec & { readonly podSelector: LabelSelector } {
  const partner = { podSelector: { matchLabels: { app: "db" } } };
  return {
    podSelector: { matchLabels: { app } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [partner], ports: [{ protocol: "TCP", port: 8080 }] }],
    egress: [{ to: [partner], ports: [{ protocol: "TCP", port: 5432 }] }],
  };
}
