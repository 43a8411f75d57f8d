// `ingress` or `egress` rules stand in a policy whose policyTypes lacks that direction. Kubernetes ignores them; some
// network plugins enforce them all the same. It comes about when a policy that was stored without egress, and so got
// `policyTypes: [Ingress]` by defaulting, is given egress rules by a later apply.

import { z } from "zod";
import { directions, policyType, rulesOf, speaksOf } from "../network/walk.ts";
import { defineRule } from "./shared/define-rule.ts";

export const rulesOutsidePolicyTypes = defineRule({
  id: "rules-outside-policy-types",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Rules outside policyTypes",
    summary: "A policy has rules for a direction that its policyTypes does not name.",
    why: "Kubernetes ignores such rules, while some network plugins enforce them: what the policy does depends on the cluster.",
    remediation:
      "Name the direction in spec.policyTypes, which isolates the pods in it, or remove the rules.",
    references: ["https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/"],
  },
  messages: {
    ignored: {
      text: "spec.policyTypes does not name {{type}}, so Kubernetes ignores these {{direction}} rules (some network plugins do not).",
      remedy:
        "To enforce them: add {{type}} to spec.policyTypes; the selected pods are then isolated for {{direction}}. Else: remove spec.{{direction}}.",
      warning: "policyTypes lacks {{type}}, so they are ignored; add it or remove the rules",
    },
  },
  check(subject) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return directions
      .filter((direction) => !speaksOf(spec, direction) && rulesOf(spec, [direction]).length > 0)
      .map((direction) => ({
        message: "ignored" as const,
        path: ["spec", direction],
        key: direction,
        data: { direction, type: policyType(direction) },
      }));
  },
});
