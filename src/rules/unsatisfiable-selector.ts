// A selector that no object can satisfy: two values asked of one label, a label both required and forbidden, a
// namespace without kubernetes.io/metadata.name (every namespace has exactly one).

import { z } from "zod";
import type { Budget } from "../network/budget.ts";
import {
  compileSelector,
  namespaceNameLabel,
  satisfiable,
  type SelectorDomain,
} from "../network/selector.ts";
import { selectorKey, selectorsOf, selectorText } from "../network/walk.ts";
import type { LabelSelector } from "../wire/meta.ts";
import { defineRule } from "./shared/define-rule.ts";

export const unsatisfiableSelector = defineRule({
  id: "unsatisfiable-selector",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Unsatisfiable selector",
    summary: "A selector's requirements contradict each other.",
    why: "All requirements of a selector must hold at once. One that contradicts itself selects nothing, ever: the policy or the rule does nothing.",
    remediation:
      "Drop one of the requirements; for one of several values write one matchExpressions item with operator In.",
    references: [
      "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements",
    ],
  },
  messages: {
    nothing: {
      text: "no {{domain}} can ever match {{selector}}: its requirements contradict each other.",
      remedy: "Drop one of them; for one of several values write one matchExpressions item with operator In.",
      warning: "no {{domain}} can ever match {{selector}}",
    },
    nameless: {
      text: "no namespace can ever match {{selector}}: every namespace has {{label}}, which is its name.",
      remedy: "Drop that requirement, or name the namespaces that are meant.",
      warning: "every namespace has a name; nothing is selected",
    },
  },
  check(subject, { budget }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return selectorsOf(spec, isContradiction, budget).map(({ path, selector, domain }) => ({
      message: asksForNameless(selector, domain) ? ("nameless" as const) : ("nothing" as const),
      path,
      // Of the policy's own selector it is another fault than of a peer's.
      key: `${String(path[1])} ${domain} ${selectorKey(selector, domain)}`,
      data: {
        selector: selectorText(selector),
        domain: domain === "pods" ? "pod" : "namespace",
        label: namespaceNameLabel,
      },
    }));
  },
});

/** Whether it asks for namespaces without a name: that alone contradicts nothing that is written. */
function asksForNameless({ matchExpressions = [] }: LabelSelector, domain: SelectorDomain): boolean {
  return (
    domain === "namespaces" &&
    matchExpressions.some(({ key, operator }) => key === namespaceNameLabel && operator === "DoesNotExist")
  );
}

/** What cannot be read at all is kube-apiserver's to refuse. Pairs alone, each of another key, never contradict. */
function isContradiction(selector: LabelSelector, domain: SelectorDomain, budget: Budget): boolean {
  budget.tick();
  if ((selector.matchExpressions ?? []).length === 0) return false;
  const compiled = compileSelector(selector, domain);
  return compiled !== undefined && !satisfiable(compiled);
}
