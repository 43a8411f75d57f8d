import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { companionMarks, companionName } from "#src/intent/companion.ts";
import type { Piece } from "#src/intent/purpose.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { ruleOfFlags } from "#src/network/dns/written.ts";
import { labelSet } from "#src/network/labels.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { policySet, type PolicySet } from "#src/network/policy-set.ts";
import { allows, isolatedBy, type Target } from "#src/network/reachability.ts";
import { dnsOnDemand } from "#src/view/dns-on-demand.ts";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicyEgressRule } from "#src/wire/network-policy.ts";

const rule = ruleOfFlags({});
const value = fc.constantFrom("a", "b", "c");
const key = fc.constantFrom("app", "tier");
const selectors: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant<LabelSelector>({}),
  fc
    .dictionary(key, value, { minKeys: 1, maxKeys: 2 })
    .map((matchLabels) => ({ matchLabels: { ...matchLabels } })),
  fc
    .tuple(
      key,
      fc.constantFrom("In" as const, "NotIn" as const),
      fc.uniqueArray(value, { minLength: 1, maxLength: 2 }),
    )
    .map(([of, operator, values]) => ({ matchExpressions: [{ key: of, operator, values }] })),
  fc
    .tuple(key, fc.constantFrom("Exists" as const, "DoesNotExist" as const))
    .map(([of, operator]) => ({ matchExpressions: [{ key: of, operator }] })),
  // What selects nothing.
  fc.constant<LabelSelector>({
    matchLabels: { app: "a" },
    matchExpressions: [{ key: "app", operator: "DoesNotExist" as const }],
  }),
);
const sets = fc
  .array(
    fc.record({
      podSelector: selectors,
      policyTypes: fc.constantFrom<string[]>(["Egress"], ["Ingress"], ["Ingress", "Egress"]),
      egress: fc.constantFrom<NetworkPolicyEgressRule[]>([], [{ ports: [{ port: 443 }] }], [rule]),
      terminating: fc.boolean(),
    }),
    { maxLength: 5 },
  )
  .map((policies) =>
    policies.map(({ terminating, policyTypes, egress, podSelector }, index) =>
      compilePolicy({
        metadata: {
          namespace: "shop",
          name: `p${index}`,
          ...(terminating && index % 3 === 0 && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
        },
        spec: { podSelector, policyTypes, egress: policyTypes.includes("Egress") ? egress : [] },
      }),
    ),
  );

const pods = ["", "a", "b", "c"].flatMap((app) =>
  ["", "a", "b"].map((tier) => labelSet({ ...(app !== "" && { app }), ...(tier !== "" && { tier }) })),
);
const podIn = (namespace: string, labels: Record<string, string>): Target => ({
  pod: {
    namespace: { name: namespace, labels: labelSet({ "kubernetes.io/metadata.name": namespace }) },
    labels: labelSet(labels),
    hostNetwork: false,
  },
  addresses: [],
});
const dns = podIn("kube-system", { "k8s-app": "kube-dns" });
const other = podIn("data", { app: "a" });
const onPort = (port: number, protocol: "UDP" | "TCP" = "UDP") => ({ protocol, port, named: [] });

function compiled(pieces: readonly Piece[]): CompiledPolicy[] {
  const { labels } = companionMarks("uid");
  return pieces.map(({ purpose, spec }) =>
    compilePolicy({
      metadata: { namespace: "shop", name: companionName(purpose), labels: { ...labels } },
      spec,
    }),
  );
}

function both(policies: readonly CompiledPolicy[]): {
  pieces: readonly Piece[];
  before: PolicySet;
  after: PolicySet;
} {
  const before = policySet("shop", policies);
  const pieces = dnsOnDemand(before, rule);
  return { pieces, before, after: policySet("shop", [...policies, ...compiled(pieces)]) };
}

describe("DNS on demand", () => {
  test.prop([sets], { numRuns: 500 })(
    "isolates no pod that nothing isolated, and every one that is may ask the DNS",
    (policies) => {
      const { before, after } = both(policies);
      for (const labels of pods) {
        for (const direction of ["ingress", "egress"] as const) {
          const was = isolatedBy(before, direction, labels).length > 0;
          expect(isolatedBy(after, direction, labels).length > 0).toBe(was);
        }
        for (const protocol of ["UDP", "TCP"] as const) {
          expect(allows(after, "egress", labels, dns, onPort(53, protocol))).toBe(true);
        }
      }
    },
  );

  test.prop([sets], { numRuns: 300 })("opens nothing but the DNS", (policies) => {
    const { before, after } = both(policies);
    for (const labels of pods) {
      for (const [target, port] of [
        [dns, 443],
        [other, 53],
        [other, 443],
      ] as const) {
        expect(allows(after, "egress", labels, target, onPort(port))).toBe(
          allows(before, "egress", labels, target, onPort(port)),
        );
      }
    }
  });

  test.prop([sets, fc.nat()], { numRuns: 300 })(
    "does not depend on the order of policies, on what is written already or on names",
    (policies, turn) => {
      const { pieces, after } = both(policies);
      const cut = turn % (policies.length + 1);
      expect(
        dnsOnDemand(policySet("shop", [...policies.slice(cut), ...policies.slice(0, cut)]), rule),
      ).toEqual(pieces);
      expect(dnsOnDemand(after, rule)).toEqual(pieces);
      expect(new Set(pieces.map(({ purpose }) => purpose)).size).toBe(pieces.length);
    },
  );

  test("is nothing where no policy isolates egress, and each policy for itself where there are very many", () => {
    expect(dnsOnDemand(policySet("shop", []), rule)).toEqual([]);
    const many = Array.from({ length: 70 }, (_, index) =>
      compilePolicy({
        metadata: { namespace: "shop", name: `p${index}` },
        spec: { podSelector: { matchLabels: { app: `a${index}` } }, policyTypes: ["Egress"] },
      }),
    );
    expect(dnsOnDemand(policySet("shop", many), rule)).toHaveLength(70);
  });
});
