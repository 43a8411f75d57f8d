import type { NetworkPolicyPeer, NetworkPolicySpec } from "../../src/wire/network-policy.ts";
import { hardNamespace, type HardCase } from "./hard-cases.ts";
import { bareSpec, dnsRule, keyName, labelRich, oneOf, valueName } from "./hard-labels.ts";
import { reviewOf } from "./reviews.ts";

/** The review of a hard case: a policy is created that every rule looks at and none has anything against, as JSON. */
export function hardReview(hard: HardCase): string {
  return reviewOf({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "hard", namespace: hardNamespace(hard) },
    spec: hardSpec(hard),
  });
}

/** Of the policy that is created. */
function hardSpec(hard: HardCase): NetworkPolicySpec {
  switch (hard) {
    case "policies":
    case "pods":
      return bareSpec("app-7");
    case "peers":
      return manyPeers();
    case "search":
    case "ports":
      return { ...bareSpec("db"), podSelector: labelRich(24, 8, 21) };
    case "values": {
      const values = Array.from({ length: 498 }, (_, index) => valueName(2 * index));
      const podSelector = { matchExpressions: [{ key: keyName(0), operator: "In", values }] };
      return { ...bareSpec("db"), podSelector };
    }
  }
}

/** 20 rules of 50 peers, in both directions. */
function manyPeers(): NetworkPolicySpec {
  const lists = Array.from({ length: 20 }, (_, rule) => ({
    peers: Array.from({ length: 50 }, (__, index) => peer(rule, rule * 50 + index)),
    ports: [{ protocol: "TCP", port: 8000 + rule }],
  }));
  return {
    podSelector: { matchLabels: { app: "app-7" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: lists.slice(0, 10).map(({ peers, ports }) => ({ from: peers, ports })),
    egress: [...lists.slice(10).map(({ peers, ports }) => ({ to: peers, ports })), dnsRule()],
  };
}

/** Pods alone and namespaces alone stand in different lists: together they are read as a mistake. */
function peer(rule: number, number: number): NetworkPolicyPeer {
  const pods = {
    matchLabels: { app: `client-${number}` },
    matchExpressions: [{ key: "track", operator: "NotIn", values: ["canary", `track-${number}`] }],
  };
  const namespaces = {
    matchExpressions: [
      // By name: any other label could be given to any namespace, which is refused in restricted.
      oneOf("kubernetes.io/metadata.name", [`team-${number}`, `team-${number + 1}`]),
    ],
  };
  if (number % 3 === 0) return { podSelector: pods, namespaceSelector: namespaces };
  if (number % 3 === 1) return rule % 2 === 0 ? { podSelector: pods } : { namespaceSelector: namespaces };
  const block = `10.${number >> 4}.${(number & 15) * 16}`;
  return { ipBlock: { cidr: `${block}.0/24`, except: [`${block}.64/28`] } };
}
