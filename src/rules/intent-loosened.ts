// An intent closes a namespace. Whoever may edit the namespace may close more; only operators may take the intent away,
// open a direction that it closes, or turn off what binds its pods to DNS, the proxy or their tenant. Compared is what the
// intents mean, not how they are written; a default intent that then applies counts as what holds.

import { z } from "zod";
import { deniedBy } from "../intent/denied.ts";
import type { Intent } from "../intent/keys.ts";
import { confirmIsolationAnnotation, intentAnnotation } from "../intent/read.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { NamespaceIntent } from "../model/companions.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import { excludedFrom, intentFor } from "../model/namespace-intent.ts";
import { includesUser } from "../model/principals.ts";
import type { RuleContext } from "../model/rule.ts";
import { isEverything } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const intentLoosened = defineRule({
  id: "intent-loosened",
  profile: "guard",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Intent loosened",
    summary:
      "A user who is no operator takes a namespace's intent away, opens a direction that it closes, or turns off DNS, proxy or tenant.",
    why: "An intent that those whom it binds can withdraw binds nobody.",
    remediation: "Keep the intent, add what is to be allowed to it, or ask an operator.",
    references: ["https://kubernetes.io/docs/concepts/security/multi-tenancy/"],
  },
  messages: {
    removed: {
      text: "{{user}} may not take the intent of this namespace away; only operators may.",
      remedy: `Keep the annotation ${intentAnnotation}, or ask an operator (configuration: operators).`,
      warning: "only operators may take the intent away",
    },
    unreadable: {
      text: "{{user}} may not replace the intent of this namespace by one that cannot be read; only operators may.",
      remedy: "Correct it: {{fault}}.",
      warning: "only operators may make it unreadable",
    },
    opened: {
      text: "{{user}} may not open {{what}}, which the intent closes; only operators may.",
      remedy:
        "Keep denyAll for {{what}} and add what is to be allowed, or ask an operator (configuration: operators).",
      warning: "only operators may open {{what}}",
    },
    turnedOff: {
      text: "{{user}} may not turn off {{what}} of the intent; only operators may.",
      remedy: "Keep {{what}}, or ask an operator (configuration: operators).",
      warning: "only operators may turn off {{what}}",
    },
    confirmed: {
      text: `{{user}} may not set the annotation ${confirmIsolationAnnotation}, which confirms that pods are cut off; only operators may.`,
      remedy: "Leave it out, or ask an operator (configuration: operators).",
      warning: "only operators may set it",
    },
    noOperators: {
      advisory: true,
      text: "{{deed}}; no operators are configured yet, so this only warns.",
      remedy: "To have it refused, name operators (configuration: operators).",
      warning: "{{deed}}; no operators yet",
    },
  },
  check({ object, oldObject, user }, { settings, view }) {
    const { operators } = settings;
    if (object === undefined || (operators !== undefined && includesUser(operators, user))) return [];
    const after = namespaceFacts(object);
    const before = oldObject === undefined ? undefined : namespaceFacts(oldObject);
    if (excludedFrom(after, settings) !== undefined) return [];
    const intents = before && { was: intentFor(before, settings), is: intentFor(after, settings) };
    const deeds = [
      ...(intents === undefined ? [] : loosenings(intents.was, intents.is, () => standing(after, view))),
      ...confirmation(before, after),
    ];
    return deeds.map(({ message, annotation, key, deed, what = "", fault = "" }) => ({
      message: operators === undefined ? ("noOperators" as const) : message,
      path: ["metadata", "annotations", annotation],
      key,
      data: { user: user.name, what, fault, deed },
    }));
  },
});

interface Deed {
  readonly message: "removed" | "unreadable" | "opened" | "turnedOff" | "confirmed";
  readonly annotation: string;
  readonly key: string;
  /** In half a sentence, what was done. */
  readonly deed: string;
  readonly what?: string;
  readonly fault?: string;
}

type Closed = Readonly<Record<Direction, boolean>>;

function loosenings(was: NamespaceIntent, is: NamespaceIntent, stands: () => Closed): readonly Deed[] {
  const annotation = intentAnnotation;
  if (was.source === "none") return [];
  if (is.source === "none") {
    return [{ message: "removed", annotation, key: "removed", deed: "the intent is taken away" }];
  }
  if (is.source === "unreadable") {
    if (was.source === "unreadable") return [];
    const [fault = ""] = is.faults;
    return [
      {
        message: "unreadable",
        annotation,
        key: "unreadable",
        deed: "the intent cannot be read any more",
        fault,
      },
    ];
  }
  const closed = was.source === "unreadable" ? stands() : deniedBy(was.intent);
  const closes = deniedBy(is.intent);
  const opened = directions.filter((direction) => closed[direction] && !closes[direction]);
  const off = was.source === "unreadable" ? [] : turnedOff(was.intent, is.intent, closed);
  return [
    ...opened.map((what) => deedOn("opened" as const, what, `${what} is opened, which the intent closes`)),
    ...off.map((what) => deedOn("turnedOff" as const, what, `${what} of the intent is turned off`)),
  ];
}

function deedOn(message: Deed["message"], what: string, deed: string): Deed {
  return { message, annotation: intentAnnotation, key: `${message} ${what}`, deed, what };
}

/** The keys that the one has and the other has not; what a direction that is open asks for means nothing. */
function turnedOff(was: Intent, is: Intent, closed: Closed): readonly string[] {
  return [
    ...(closed.egress && was.allowDNS !== false && is.allowDNS === false ? ["allowDNS"] : []),
    ...(was.egressProxy !== undefined && is.egressProxy === undefined ? ["egressProxy"] : []),
    ...(was.tenant !== undefined && is.tenant !== was.tenant ? [`tenant: ${was.tenant}`] : []),
  ];
}

/** What Ringfence's own policies close that stand: all that is known of what an unreadable intent once said. */
function standing({ name }: NamespaceFacts, view: RuleContext<unknown>["view"]): Closed {
  const own = (view.policies(name)?.policies ?? []).filter(
    ({ companion, subject, terminating }) => companion && !terminating && isEverything(subject),
  );
  return {
    ingress: own.some(({ isolates }) => isolates.ingress),
    egress: own.some(({ isolates }) => isolates.egress),
  };
}

function confirmation(before: NamespaceFacts | undefined, after: NamespaceFacts): readonly Deed[] {
  const annotation = confirmIsolationAnnotation;
  const value = after.annotations.get(annotation);
  if (value === undefined || value === before?.annotations.get(annotation)) return [];
  const deed = "it is confirmed that pods may be cut off";
  return [{ message: "confirmed", annotation, key: "confirmed", deed }];
}
