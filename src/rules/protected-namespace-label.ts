// A namespace label that policies elsewhere rely on, or that holds Ringfence's own state, is set, changed or removed by
// a user who is no operator. Whoever may label a namespace would otherwise choose which policies let it in.

import { z } from "zod";
import { nearNames } from "../model/near.ts";
import { labelPrefix, modeLabels } from "../model/profile.ts";
import { isProtectedLabel, isUnreadLabel } from "../model/protected-labels.ts";
import { includesUser } from "../model/principals.ts";
import type { Settings } from "../model/settings.ts";
import type { NamespaceSubject } from "../model/subject.ts";
import { defineRule } from "./shared/define-rule.ts";

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
      warning: "only operators may {{verb}} it{{meant}}",
    },
    noOperators: {
      advisory: true,
      text: "the protected label {{label}} is {{done}}; no operators are configured yet, so this only warns.",
      remedy: "To have it refused, name operators (configuration: operators).",
      warning: "protected, yet {{done}}: no operators are configured{{meant}}",
    },
    unread: {
      advisory: true,
      text: "the label {{label}} is none that Ringfence reads.",
      remedy: "{{instead}}.",
      warning: "no label that Ringfence reads{{meant}}",
    },
  },
  check(subject, { settings }) {
    const message = messageFor(subject, settings);
    const before = subject.oldObject?.metadata.labels ?? {};
    const after = subject.object?.metadata.labels ?? {};
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return (
      [...keys]
        .filter((label) => isProtectedLabel(label, settings) && own(before, label) !== own(after, label))
        // An operator may set any label; that it does not choose what was meant is worth a word.
        .filter((label) => message !== "unread" || (isUnreadLabel(label) && own(after, label) !== undefined))
        .sort()
        .map((label) => ({
          message,
          path: ["metadata", "labels", label],
          key: label,
          data: { label, user: subject.user.name, ...deed(label, own(before, label), own(after, label)) },
        }))
    );
  },
});

function messageFor({ user }: NamespaceSubject, { operators }: Settings) {
  if (operators === undefined) return "noOperators";
  return includesUser(operators, user) ? "unread" : "protected";
}

/** What was done to the label, what was perhaps meant, and what to do instead. */
function deed(label: string, before: string | undefined, after: string | undefined) {
  if (before === undefined) {
    const near = isUnreadLabel(label) ? nearestMode(label) : undefined;
    const meant = near === undefined ? "" : `; did you mean ${near}?`;
    const instead = near === undefined ? "Leave it out" : `Write ${near} if that is meant, else leave it out`;
    return { verb: "set", done: "set", instead, meant };
  }
  return { ...deedOnStanding(before, after), meant: "" };
}

function deedOnStanding(before: string, after: string | undefined) {
  const instead = `Leave it at ${before === "" ? "the empty value" : before}`;
  if (after === undefined) return { verb: "remove", done: "removed", instead };
  return { verb: "change", done: "changed", instead };
}

function nearestMode(label: string): string | undefined {
  const names = modeLabels.map((known) => known.slice(labelPrefix.length));
  const [near] = nearNames(label.slice(labelPrefix.length), names);
  return near === undefined ? undefined : `${labelPrefix}${near}`;
}

/** Label keys are data: `constructor` must not find what every object inherits. */
function own(labels: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
