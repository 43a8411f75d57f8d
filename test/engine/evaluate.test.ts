import { describe, expect, it } from "vitest";
import { evaluate } from "#src/engine/evaluate.ts";
import { ruleSet } from "#src/engine/rule-set.ts";
import type { ClusterView, ViewPart } from "#src/model/cluster-view.ts";
import type { Rule } from "#src/model/rule.ts";
import { policySet } from "#src/network/policy-set.ts";
import { rule } from "../support/rules.ts";
import { settingsWith } from "../support/settings.ts";
import { policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

const needing = (id: string, ...needs: ViewPart[]): Rule => rule({ id, needs });

const rules = [
  needing("none"),
  needing("pods", "workloads"),
  needing("both", "services", "workloads"),
  needing("services", "services"),
  needing("policies", "policies"),
];

function evaluated(view: Partial<ClusterView>) {
  const evaluation = evaluate(
    policySubject(),
    { ...knowsNothing, ...view },
    {
      rules: ruleSet(rules, "NetworkPolicy", "CREATE"),
      settings: settingsWith(),
      expired: () => false,
    },
  );
  return { ran: evaluation.findings.map(({ rule }) => rule.id), unknown: evaluation.unknown };
}

const empty = { workloads: () => [], services: () => new Map(), policies: () => policySet("shop", []) };

describe("rules whose part of the view is missing", () => {
  it("are unknown, each for the first part that it lacks, and the others run", () => {
    expect(evaluated({})).toEqual({
      ran: ["none"],
      unknown: [
        { rule: "pods", missing: "workloads" },
        { rule: "both", missing: "services" },
        { rule: "services", missing: "services" },
        { rule: "policies", missing: "policies" },
      ],
    });
    expect(evaluated({ ...empty, services: () => undefined })).toEqual({
      ran: ["none", "pods", "policies"],
      unknown: [
        { rule: "both", missing: "services" },
        { rule: "services", missing: "services" },
      ],
    });
  });

  it("are none where all is there", () => {
    expect(evaluated(empty)).toEqual({ ran: rules.map(({ id }) => id), unknown: [] });
  });

  it("are those that ask the set beside a kind of policy that is not judged", () => {
    const unmodelledPolicies = (): ReturnType<ClusterView["unmodelledPolicies"]> => [
      { name: "CiliumNetworkPolicy", where: "namespace" },
    ];
    expect(evaluated({ ...empty, unmodelledPolicies })).toEqual({
      ran: ["none", "pods", "both", "services"],
      unknown: [{ rule: "policies", missing: "CiliumNetworkPolicy" }],
    });
  });
});
