// Rules that look at one object alone and have no scenario of their own.
import { expect, test } from "vitest";
import { base, expectSeen, policiesIn, restricted, rulesOf, run } from "../scenarios/scenario.ts";
import { testNamespace } from "../support.ts";

const policy = (spec: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
${spec}
`;

const ports = Array.from({ length: 2_001 }, (_, index) => `{ port: ${1_000 + index} }`).join(", ");

const cases = [
  {
    rule: "duplicate-policy-types",
    labels: base,
    faulty: policy("  podSelector: { matchLabels: { app: api } }\n  policyTypes: [Ingress, Ingress]"),
    sound: policy("  podSelector: { matchLabels: { app: api } }\n  policyTypes: [Ingress]"),
  },
  {
    rule: "too-complex",
    labels: base,
    faulty: policy(`  podSelector: {}\n  policyTypes: [Ingress]\n  ingress: [{ ports: [${ports}] }]`),
    sound: policy(
      "  podSelector: {}\n  policyTypes: [Ingress]\n  ingress: [{ ports: [{ port: 1000, endPort: 3000 }] }]",
    ),
  },
  {
    rule: "allow-all-egress",
    labels: restricted,
    faulty: policy("  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{}]"),
    sound: policy(`  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`),
  },
];

test.each(cases)("R91: $rule", async ({ rule, labels, faulty, sound }) => {
  const shop = await testNamespace(labels);
  const denied = await run(shop, ["apply", "-f", "-"], { stdin: faulty });
  expect([denied.code, rulesOf(denied)]).toEqual([1, [rule]]);
  expect(await policiesIn(shop)).toEqual([]);
  await expectSeen(`rule-${rule}`, denied);
  const applied = await run(shop, ["apply", "-f", "-"], { stdin: sound });
  expect(applied.code, applied.stderr).toBe(0);
});
