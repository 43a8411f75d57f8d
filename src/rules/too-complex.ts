// More rules, peers, ports or requirements than configured. The limits lie far above any policy written by people; they
// bound what one object may cost at every later admission.

import { z } from "zod";
import { rulesOf, selectorsOf } from "../network/walk.ts";
import type { LabelSelector } from "../wire/meta.ts";
import type { NetworkPolicySpec } from "../wire/network-policy.ts";
import { defineRule } from "./define-rule.ts";

export const tooComplex = defineRule({
  id: "too-complex",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  bounds: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Too complex",
    summary: "A policy has more rules, peers, ports or selector requirements than configured.",
    why: "Every network plugin pays for each of them on each node, and many drop what is beyond limits of their own without a word.",
    remediation:
      "Split the policy by the pods it selects, or select peers by labels instead of listing them.",
    references: [],
  },
  messages: {
    more: {
      text: "{{count}} {{what}}, more than the {{limit}} that configuration allows (limits.{{what}}).",
      remedy: "Split the policy by the pods it selects, or select peers by labels instead of listing them.",
      warning: "{{count}} {{what}}, more than the {{limit}} allowed",
    },
  },
  check(subject, { settings }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    const counts = count(spec);
    return (["rules", "peers", "ports", "requirements"] as const)
      .filter((what) => counts[what] > settings.limits[what])
      .map((what) => ({
        message: "more" as const,
        path: ["spec"],
        key: what,
        scope: { kind: "amount" as const, amount: counts[what] },
        data: { what, count: counts[what], limit: settings.limits[what] },
      }));
  },
});

type Counts = Record<"rules" | "peers" | "ports" | "requirements", number>;

function count(spec: NetworkPolicySpec): Counts {
  const rules = rulesOf(spec);
  return {
    rules: rules.length,
    peers: rules.reduce((sum, rule) => sum + rule.peers.length, 0),
    ports: rules.reduce((sum, rule) => sum + rule.ports.length, 0),
    requirements: selectorsOf(spec).reduce((most, { selector }) => Math.max(most, requirements(selector)), 0),
  };
}

function requirements(selector: LabelSelector): number {
  const expressions = selector.matchExpressions ?? [];
  const values = expressions.reduce((sum, expression) => sum + (expression.values ?? []).length, 0);
  return Object.keys(selector.matchLabels ?? {}).length + expressions.length + values;
}
