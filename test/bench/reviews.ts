import { randomUUID } from "node:crypto";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec } from "../../src/wire/network-policy.ts";

export const policySizes = ["1.6 KB", "40 KB"] as const;
export type PolicySize = (typeof policySizes)[number];

/** `held`: denied by a curable finding alone, so the answer waits for a cure that never comes. */
export type Outcome = "allowed" | "denied" | "held";

const bytesOf: Readonly<Record<PolicySize, number>> = { "1.6 KB": 1_600, "40 KB": 40_000 };

/**
 * The AdmissionReview that kube-apiserver 1.36 sends when a user creates a policy of this size in `namespace`, as JSON.
 * The policy is one that a deployment tool applied: labels, managedFields, several rules with selectors; the large
 * one has hundreds of address ranges besides.
 */
export function policyReview(namespace: string, size: PolicySize, outcome: Outcome): string {
  return reviewOf(policyOf(namespace, size, outcome));
}

/** The review of the creation of this policy, as JSON. */
export function reviewOf(policy: NetworkPolicy): string {
  const { name, namespace } = policy.metadata;
  return JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: randomUUID(),
      kind: { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" },
      resource: { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
      requestKind: { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" },
      requestResource: { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
      name,
      namespace,
      operation: "CREATE",
      userInfo: {
        username: "system:serviceaccount:delivery:deployer",
        uid: "5f0f9c0f-3b5e-4a54-8f0a-0d4c6b6f7b11",
        groups: ["system:serviceaccounts", "system:serviceaccounts:delivery", "system:authenticated"],
        extra: { "authentication.kubernetes.io/credential-id": [`JTI=${randomUUID()}`] },
      },
      object: policy,
      oldObject: null,
      dryRun: false,
      options: { kind: "PatchOptions", apiVersion: "meta.k8s.io/v1", fieldManager: "deployer", force: true },
    },
  });
}

/** The policy alone; its JSON has the size named, to within one rule. */
function policyOf(namespace: string, size: PolicySize, outcome: Outcome): NetworkPolicy {
  const spec = baseSpec(outcome);
  const policy = { ...header(namespace), spec };
  const missing = (): number => bytesOf[size] - JSON.stringify(policy).length;
  for (let partner = 0; missing() > 60; partner++) addPartner(spec, partner);
  return policy;
}

function header(namespace: string) {
  const labels = {
    "app.kubernetes.io/name": "backend",
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/part-of": "web-shop",
    "app.kubernetes.io/managed-by": "Helm",
  };
  const field = (keys: readonly string[]): object => Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
  return {
    kind: "NetworkPolicy",
    apiVersion: "networking.k8s.io/v1",
    metadata: {
      name: "backend-traffic",
      namespace,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: "2026-11-20T08:15:30Z",
      labels,
      managedFields: [
        {
          manager: "deployer",
          operation: "Apply",
          apiVersion: "networking.k8s.io/v1",
          time: "2026-11-20T08:15:30Z",
          fieldsType: "FieldsV1",
          fieldsV1: {
            "f:metadata": { "f:labels": field(Object.keys(labels)) },
            "f:spec": field(["egress", "ingress", "podSelector", "policyTypes"]),
          },
        },
      ],
    },
  };
}

type FullSpec = Required<NetworkPolicySpec>;

function baseSpec(outcome: Outcome): FullSpec {
  const app = (name: string) => ({ matchLabels: { "app.kubernetes.io/name": name } });
  const monitoring = { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } };
  const tcp = (port: number) => [{ protocol: "TCP", port }];
  const database: NetworkPolicyPeer[] =
    outcome === "denied"
      ? [{ namespaceSelector: monitoring }, { podSelector: app("postgres") }]
      : [{ podSelector: app("postgres") }];
  return {
    podSelector: app("backend"),
    ingress: [
      { from: [{ podSelector: app("frontend") }], ports: tcp(8080) },
      { from: [{ podSelector: app("prometheus"), namespaceSelector: monitoring }], ports: tcp(9090) },
    ],
    egress: [{ to: database, ports: tcp(5432) }],
    policyTypes: ["Ingress", "Egress"],
  };
}

/** One more party to talk with: mostly address ranges, as large policies have them. */
function addPartner(spec: FullSpec, number: number): void {
  const [third, fourth] = [number % 256, 16 * (number % 16)];
  const ports = [443, 8443].map((port) => ({ protocol: "TCP", port }));
  if (number % 4 === 3) {
    spec.ingress.push({
      from: [
        {
          podSelector: { matchLabels: { "app.kubernetes.io/name": `client-${number}` } },
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": `team-${number}` } },
        },
      ],
      ports: [{ protocol: "TCP", port: 8080 }],
    });
  } else {
    spec.egress.push({ to: [{ ipBlock: { cidr: `203.0.${third}.${fourth}/28` } }], ports });
  }
}
