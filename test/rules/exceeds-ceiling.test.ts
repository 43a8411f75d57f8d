import { describe, expect, it } from "vitest";
import { labelSet } from "#src/network/labels.ts";
import { readPolicy } from "#src/network/dialects/kubernetes.ts";
import { rules } from "#src/rules/index.ts";
import type { NetworkPolicyIngressRule, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { judged } from "../support/judging.ts";
import { modes, settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

const named = (...values: readonly string[]): NetworkPolicyPeer => ({
  namespaceSelector: {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...values] }],
  },
});
const names = (count: number, name: (index: string) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(String(index).padStart(3, "0")));
/** That many namespaces that the ceiling lets in, each by a rule of its own. */
const letIn = (count: number): string[] => names(count, (index) => `team-${index}`);
/** Between those two that are let in, so that neither the first nor the last of all is one of them. */
const hidden = (count: number): string[] => names(count, (index) => `team-005-${index}`);

const facts = {
  name: "shop",
  uid: "shop",
  labels: labelSet({ "kubernetes.io/metadata.name": "shop" }),
  annotations: labelSet({}),
  terminating: false,
};
const view = { ...knowsNothing, namespaces: { get: () => facts, matching: () => [facts] } };

/** What is denied of a policy that lets these in, where the ceiling has a rule for each of the others. */
function denied(
  ingress: readonly NetworkPolicyIngressRule[],
  ceiling: readonly string[],
  old?: typeof ingress,
) {
  const of = (all: readonly NetworkPolicyIngressRule[]) =>
    policy({ podSelector: {}, policyTypes: ["Ingress"], ingress: [...all] });
  const bound = readPolicy(of(ceiling.map((name) => ({ from: [named(name)] })))).ingress;
  const settings = settingsWith({
    operators: { users: new Set(["olivia"]), groups: new Set() },
    ceiling: { ingress: bound, egress: undefined },
  });
  const change =
    old === undefined
      ? { operation: "CREATE" as const }
      : { operation: "UPDATE" as const, oldObject: of(old) };
  const subject = policySubject({ ...change, object: of(ingress), namespace: "shop" });
  const { findings } = judged(subject, { rules, settings, modes: modes({}), after: view });
  return findings
    .filter(({ effect }) => effect === "deny")
    .map(({ rule, finding }) => [rule.id, finding.message]);
}

describe("what is opened beyond the ceiling", () => {
  it("is found among hundreds of names that lie within it", () => {
    const peers = [named(...letIn(12), ...hidden(480))];
    expect(denied([{ from: peers }], letIn(12))).toEqual([["exceeds-ceiling", "policy"]]);
    expect(denied([{ from: [named(...letIn(12))] }], letIn(12))).toEqual([]);
  });

  it("is denied where to find it is too much work", () => {
    const peers = [named(...letIn(240), ...hidden(250))];
    expect(denied([{ from: peers }], letIn(240))).toEqual([["exceeds-ceiling", "policy"]]);
  });

  it("counts as brought where to hold it against what stood is too much work", () => {
    const within = letIn(12).flatMap((name) =>
      names(6, (index) => index).map((app) => ({
        from: [{ ...named(name), podSelector: { matchLabels: { app } } }, named(name)],
      })),
    );
    const more = [...within, { from: [named(...letIn(12), ...hidden(480))] }];
    expect(denied(more, letIn(12), within)).toEqual([["exceeds-ceiling", "policy"]]);
  });
});
