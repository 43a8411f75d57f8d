// Pods that run and were open in a direction become closed by this request. That is what a default deny is for; it is also how
// outages begin: whatever the pods did until now that no rule allows ends at once.

import { z } from "zod";
import type { PolicySet } from "../network/policy-set.ts";
import { matches } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { isolationShifts, type IsolationShift } from "./shared/isolation-question.ts";
import { podCount, podNames } from "./shared/pod-words.ts";

export const newlyIsolatesRunningPods = defineRule({
  id: "newly-isolates-running-pods",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["policies", "workloads"],
  options: z.strictObject({}),
  docs: {
    title: "Newly isolates running pods",
    summary: "Running pods that were open in a direction become closed, but for what rules allow.",
    why: "The first policy that selects a pod ends all its connections of that direction but those that a rule allows. Where one was forgotten the application fails as soon as the policy is in force.",
    remediation: "Allow what the pods need before, or together with, the policy that closes them.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    nothing: {
      text: "{{direction}} of {{count}} is closed from now on, and no rule allows any: {{pods}}.",
      remedy: "Allow what they need before, or in the same apply.",
      warning: "closes {{direction}} of {{count}}, and no rule allows any: {{inShort}}",
    },
    some: {
      text: "{{direction}} of {{count}} is closed from now on, but for what {{rules}} {{allow}}: {{pods}}.",
      remedy: "Allow what they need besides before, or in the same apply.",
      warning: "closes {{direction}} of {{count}}, but for what {{rules}} {{allow}}: {{inShort}}",
    },
  },
  check(subject, { view, budget }) {
    const set = view.policies(subject.namespace);
    if (set === undefined) return [];
    return isolationShifts(subject, view, "closed", budget).map((shift) => {
      const { direction, groups } = shift;
      const rules = rulesFor(shift, set);
      return {
        message: rules === 0 ? ("nothing" as const) : ("some" as const),
        path: ["spec"],
        key: direction,
        scope: { kind: "elements" as const, ids: new Set(groups.map(({ id }) => id)) },
        data: {
          direction,
          count: counted(podCount(groups), "pod"),
          pods: podNames(groups, 3),
          inShort: podNames(groups, 1),
          rules: counted(rules, "rule"),
          allow: rules === 1 ? "allows" : "allow",
        },
      };
    });
  },
});

/** How many rules of the namespace's policies open something to one of these pods. */
function rulesFor({ direction, groups }: IsolationShift, { policies }: PolicySet): number {
  const concerned = policies.filter(({ subject }) => groups.some(({ labels }) => matches(subject, labels)));
  return directions
    .filter((each) => direction.includes(each))
    .reduce((sum, each) => sum + concerned.reduce((rules, policy) => rules + policy[each].length, 0), 0);
}
