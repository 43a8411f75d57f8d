import { describe, expect, test } from "vitest";
import { specDigest } from "#src/intent/spec-digest.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";

const spec: NetworkPolicySpec = {
  podSelector: { matchLabels: { a: "1", b: "2" } },
  policyTypes: ["Egress"],
  egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: "TCP" }] }],
};

describe("a spec's digest", () => {
  test.each<[string, NetworkPolicySpec]>([
    ["empty lists, which the API server drops", { ...spec, ingress: [] }],
    [
      "keys in another order",
      {
        egress: spec.egress ?? [],
        policyTypes: ["Egress"],
        podSelector: { matchLabels: { b: "2", a: "1" } },
      },
    ],
    [
      "the protocol that the API server fills in",
      { ...spec, egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53 }] }] },
    ],
    ["an empty list of exceptions", { ...spec, podSelector: { ...spec.podSelector, matchExpressions: [] } }],
  ])("does not depend on %s", (_, other) => {
    expect(specDigest(other)).toBe(specDigest(spec));
  });

  test.each<[string, NetworkPolicySpec]>([
    ["a rule that allows everything", { ...spec, ingress: [{}] }],
    [
      "an empty selector",
      { ...spec, egress: [{ to: [{ namespaceSelector: {}, podSelector: {} }], ports: [{ port: 53 }] }] },
    ],
    ["a type", { ...spec, policyTypes: ["Egress", "Ingress"] }],
    ["a label", { ...spec, podSelector: { matchLabels: { a: "1" } } }],
    [
      "a label named like a field",
      { ...spec, podSelector: { matchLabels: { a: "1", b: "2", matchLabels: "", ports: "" } } },
    ],
    ["a field that nobody knows yet", { ...spec, ...{ tomorrow: true } }],
  ])("depends on %s", (_, other) => {
    expect(specDigest(other)).not.toBe(specDigest(spec));
  });

  test("of nothing is that of an empty spec", () => {
    expect(specDigest(undefined)).toBe(specDigest({}));
  });
});
