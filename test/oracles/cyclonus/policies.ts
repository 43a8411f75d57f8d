import type { LabelSelector } from "#src/wire/meta.ts";
import type {
  Direction,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "#src/wire/network-policy.ts";

/** A rule of either direction. */
export interface Rule {
  readonly peers?: readonly NetworkPolicyPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}

/** A policy that says the same of both directions in the same words; an absent direction is not among its types. */
export interface Draft {
  readonly name: string;
  readonly namespace: string;
  readonly podSelector: LabelSelector;
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** The policy as it is written. */
export function policyOf({ name, namespace, podSelector, ingress, egress }: Draft): NetworkPolicy {
  return {
    metadata: { namespace, name },
    spec: {
      podSelector,
      policyTypes: [...(ingress ? ["Ingress"] : []), ...(egress ? ["Egress"] : [])],
      ...(ingress && { ingress: ingress.map(({ peers, ports }) => rule("from", peers, ports)) }),
      ...(egress && { egress: egress.map(({ peers, ports }) => rule("to", peers, ports)) }),
    },
  };
}

function rule(side: "from" | "to", peers: Rule["peers"], ports: Rule["ports"]) {
  return { ...(peers && { [side]: [...peers] }), ...(ports && { ports: [...ports] }) };
}

/** Selects by one label. */
export function labelled(key: string, value: string): LabelSelector {
  return { matchLabels: { [key]: value } };
}

/** Selects by an `In` expression. */
export function among(key: string, ...values: string[]): LabelSelector {
  return { matchExpressions: [{ key, operator: "In", values }] };
}

/** Lets DNS through, so that a probe by the name of a Service could find its address. */
export const dnsRule: Rule = {
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** The policy that most cases are variations of: both directions, each with one peer of both selectors on 80/TCP. */
export const base: Draft = {
  name: "base",
  namespace: "x",
  podSelector: labelled("pod", "a"),
  ingress: [
    {
      peers: [{ podSelector: among("pod", "b", "c"), namespaceSelector: among("ns", "x", "y") }],
      ports: [{ protocol: "TCP", port: 80 }],
    },
  ],
  egress: [
    {
      peers: [{ podSelector: among("pod", "a", "b"), namespaceSelector: among("ns", "y", "z") }],
      ports: [{ protocol: "TCP", port: 80 }],
    },
    dnsRule,
  ],
};

/** The base policy with peers or ports of its first rule in one direction replaced. */
export function vary(direction: Direction, change: Rule): Draft {
  const [first, ...rest] = base[direction] ?? [];
  return { ...base, [direction]: [{ ...first, ...change }, ...rest] };
}
