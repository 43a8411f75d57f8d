// The same policy type twice. The API server accepts it; usually the other one, most often Egress, was lost by it.

import { z } from "zod";
import { defineRule } from "./shared/define-rule.ts";

export const duplicatePolicyTypes = defineRule({
  id: "duplicate-policy-types",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Duplicate policy types",
    summary: "spec.policyTypes names the same type twice.",
    why: "The API server accepts it and the other direction stays open: one of the two was meant to be the other type.",
    remediation: "Write each type once; to isolate both directions write [Ingress, Egress].",
    references: ["https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/"],
  },
  messages: {
    twice: {
      text: "{{type}} is named twice, so the pods are not isolated for {{other}}.",
      remedy: "For both directions write: policyTypes: [Ingress, Egress]. For one: policyTypes: [{{type}}].",
      warning: "policyTypes names {{type}} twice; write [Ingress, Egress] or [{{type}}]",
    },
  },
  check(subject) {
    const types = subject.object?.spec?.policyTypes ?? [];
    const twice = types.find((type, index) => types.indexOf(type) !== index);
    if (twice === undefined) return [];
    const data = { type: twice, other: twice === "Ingress" ? "egress" : "ingress" };
    return [{ message: "twice" as const, path: ["spec", "policyTypes"], key: twice, data }];
  },
});
