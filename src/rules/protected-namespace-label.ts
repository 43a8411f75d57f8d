// A namespace label that policies elsewhere rely on, or that holds Ringfence's own state, is set, changed or removed by
// a user who is no operator. Whoever may label a namespace would otherwise choose which policies let it in.

import { z } from "zod";
import { labelPrefix, modeLabels } from "../model/profile.ts";
import { includesUser } from "../model/principals.ts";
import type { Settings } from "../model/settings.ts";
import { defineRule } from "./define-rule.ts";

const alwaysProtected = "policy-group.network.openshift.io/";

export const protectedNamespaceLabel = defineRule({
  id: "protected-namespace-label",
  profile: "guard",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Protected namespace label",
    summary: "A user who is no operator sets, changes or removes a protected namespace label.",
    why: "A namespace label is a credential: policies elsewhere admit namespaces by it.",
    remediation: "Ask an operator to set the label, or leave it out.",
    references: ["https://kubernetes.io/docs/concepts/security/multi-tenancy/"],
  },
  messages: {
    protected: {
      text: "{{user}} may not {{verb}} the protected label {{label}}; only operators may.",
      remedy: "{{instead}}, or ask an operator (configuration: operators).",
      warning: "only operators may {{verb}} it",
    },
    noOperators: {
      advisory: true,
      text: "the protected label {{label}} is {{done}}; no operators are configured yet, so this only warns.",
      remedy: "To have it refused, name operators (configuration: operators).",
      warning: "protected, yet {{done}}: no operators are configured",
    },
  },
  check(subject, { settings }) {
    if (settings.operators !== undefined && includesUser(settings.operators, subject.user)) return [];
    const before = subject.oldObject?.metadata.labels ?? {};
    const after = subject.object?.metadata.labels ?? {};
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys]
      .filter((label) => isProtected(label, settings) && own(before, label) !== own(after, label))
      .sort()
      .map((label) => ({
        message: settings.operators === undefined ? ("noOperators" as const) : ("protected" as const),
        path: ["metadata", "labels", label],
        key: label,
        data: { label, user: subject.user.name, ...deed(own(before, label), own(after, label)) },
      }));
  },
});

/** What was done to the label, and what to do instead. */
function deed(before: string | undefined, after: string | undefined) {
  if (before === undefined) return { verb: "set", done: "set", instead: "Leave it out" };
  const instead = `Leave it at ${before === "" ? "the empty value" : before}`;
  if (after === undefined) return { verb: "remove", done: "removed", instead };
  return { verb: "change", done: "changed", instead };
}

function isProtected(label: string, settings: Settings): boolean {
  if (settings.protectedNamespaceLabels.has(label) || label.startsWith(alwaysProtected)) return true;
  return label.startsWith(labelPrefix) && !modeLabels.includes(label);
}

/** Label keys are data: `constructor` must not find what every object inherits. */
function own(labels: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
