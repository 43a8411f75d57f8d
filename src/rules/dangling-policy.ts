// A policy whose podSelector selects no pod and no workload of its namespace, while others stand there: mostly a label that is
// written otherwise. In a namespace that holds nothing yet, and of a selector that means all pods, nothing is said.

import { z } from "zod";
import { matches } from "../network/selector.ts";
import { defineRule } from "./shared/define-rule.ts";
import { nearRequirement } from "./shared/near-labels.ts";
import { podsText } from "./shared/dns-question.ts";

export const danglingPolicy = defineRule({
  id: "dangling-policy",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["workloads"],
  options: z.strictObject({}),
  docs: {
    title: "Dangling policy",
    summary: "The policy selects no pod and no workload of its namespace, while others stand there.",
    why: "A policy acts on the pods that it selects. With a label that no pod carries it is stored and does nothing, and what it was to close stays open.",
    remediation: "Write the labels of the workload's pod template.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
    ],
  },
  messages: {
    nothing: {
      text: "{{pods}}: there is no such pod in {{namespace}} now, and no workload that makes one.",
      remedy: "Write the labels of the workload's pod template, unless that is still to come.",
      warning: "selects no pod and no workload of {{namespace}} now",
    },
    near: {
      text: "{{pods}}: there is no such pod in {{namespace}} now, and no workload that makes one; {{example}} has {{near}}.",
      remedy: "Write: {{near}}",
      warning: "selects no pod of {{namespace}} now; did you mean {{near}}?",
    },
  },
  check(subject, { view, budget }) {
    const { compiled, namespace } = subject;
    const groups = view.workloads(namespace);
    if (compiled === undefined || groups === undefined || compiled.subject.constraints.size === 0) return [];
    let others = false;
    for (const { labels, finished } of groups) {
      budget.tick();
      if (matches(compiled.subject, labels)) return [];
      others ||= !finished;
    }
    if (!others) return [];
    const found = { path: ["spec", "podSelector"], key: compiled.subject.text };
    const data = { pods: podsText(compiled), namespace };
    const meant = nearRequirement(compiled.subject, groups, budget);
    return meant === undefined
      ? [{ ...found, message: "nothing" as const, data }]
      : [{ ...found, message: "near" as const, data: { ...data, ...meant } }];
  },
});
