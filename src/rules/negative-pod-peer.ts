// A peer that says only which pods it does not mean: NotIn and DoesNotExist match every other pod, those that come later and
// those without the label included. Whoever adds a pod gives it access without knowing of the policy.

import { z } from "zod";
import type { Budget } from "../network/budget.ts";
import { selectorKey, selectorsOf, selectorText } from "../network/walk.ts";
import type { SelectorDomain } from "../network/selector.ts";
import type { LabelSelector } from "../wire/meta.ts";
import { defineRule } from "./shared/define-rule.ts";

export const negativePodPeer = defineRule({
  id: "negative-pod-peer",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Negative pod peer",
    summary: "A peer's podSelector says only which pods are not meant.",
    why: "NotIn and DoesNotExist match every pod but those named, also pods without the label and pods that come later: each new pod is allowed unless somebody thinks of the label.",
    remediation: "Select the pods that are meant, by a label that they have.",
    references: [
      "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement",
    ],
  },
  messages: {
    negative: {
      text: "{{selector}} leaves some pods out and allows all others, those that come later included.",
      remedy: "Select the pods that are meant, by a label that they have.",
      warning: "{{selector}} allows all other pods, now and later; select those meant",
    },
  },
  check(subject, { budget }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return selectorsOf(spec, isNegative, budget)
      .filter(({ path }) => path[1] !== "podSelector")
      .map(({ path, selector }) => ({
        message: "negative" as const,
        path,
        key: `${String(path[1])} ${selectorKey(selector, "pods")}`,
        data: { selector: selectorText(selector) },
      }));
  },
});

function isNegative(selector: LabelSelector, domain: SelectorDomain, budget: Budget): boolean {
  budget.tick();
  const { matchLabels, matchExpressions } = selector;
  if (domain !== "pods" || matchExpressions === undefined || matchExpressions.length === 0) return false;
  for (const key in matchLabels) if (Object.hasOwn(matchLabels, key)) return false;
  return matchExpressions.every(({ operator }) => operator === "NotIn" || operator === "DoesNotExist");
}
