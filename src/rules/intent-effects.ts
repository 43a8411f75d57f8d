// A namespace's intent changes, and with it the policies that Ringfence keeps there: which pods they close, what then ends, what is
// held back, and what of the intent comes to nothing. It only tells; it is said to whoever edits the namespace.

import { z } from "zod";
import { companionName, otherCompanionName } from "../intent/companion.ts";
import { confirmIsolationAnnotation } from "../intent/read.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions } from "../model/companions.ts";
import type { Finding } from "../model/finding.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import { intentIn } from "../model/namespace-intent.ts";
import type { RuleContext } from "../model/rule.ts";
import type { NamespaceSubject } from "../model/subject.ts";
import { listed } from "../network/listed.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { describePods, describePodsShort, podsText } from "./shared/dns-question.ts";
import {
  lostConnections,
  missingSides,
  newlyClosed,
  newlyWithoutDns,
  setsOf,
} from "./shared/intent-change.ts";
import { podCount, podNames } from "./shared/pod-words.ts";

export const intentEffects = defineRule({
  id: "intent-effects",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "change",
  everywhere: true,
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Effects of an intent",
    summary: "An intent changes, and this is what its companions will do to the pods that are there.",
    why: "Companions are written after the request. Whoever declares an intent in a live namespace should know before what it closes, and what of it stays without effect.",
    remediation: "Add to the intent what the pods need besides; it may be changed at any time.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    closes: {
      text: "the companions close {{direction}} of {{count}} but for what the intent allows: {{pods}}.",
      remedy: "Allow what they need besides in the intent.",
      warning: "companions close {{direction}} of {{count}}: {{inShort}}",
    },
    dns: {
      text: "{{pods}} will be cut off from the cluster DNS: policies of the namespace isolate them, and the companion that opens it goes.",
      remedy: "Apply first what this prints: ringfence generate dns -n {{namespace}}",
      warning: "{{inShort}} will lose the cluster DNS; see: ringfence generate dns -n {{namespace}}",
    },
    ends: {
      text: "{{atLeast}}{{count}} between pods or workloads that are there end.",
      remedy: "Allow those that are needed in the intent.",
      warning: "{{atLeast}}{{count}} between present pods end",
    },
    heldBack: {
      text: "{{direction}} stays open for now: {{why}}.",
      remedy: "Open what is needed by a policy of your own, or have an operator confirm.",
      warning: "{{direction}} is held back: {{inShort}}",
    },
    unmet: {
      text: "{{key}} comes to nothing: {{why}}.",
      remedy: "Leave it out, or have the operators of the cluster configure it.",
      warning: "{{key}} comes to nothing: {{why}}",
    },
    foreign: {
      text: "the policy {{name}} is none of Ringfence's and is left alone; the companion is written as {{other}}.",
      remedy: "Delete it where the companion is to take its place.",
      warning: "{{name}} is not Ringfence's: it is left alone",
    },
    rewritten: {
      text: "{{services}} may have the source address rewritten to that of a node before the pods see it, so that allowIngressFromCIDRs does not match.",
      remedy: "Set externalTrafficPolicy: Local there.",
      warning: "{{services}}: source addresses are rewritten; set externalTrafficPolicy: Local",
    },
    oneSided: {
      text: "the other side is missing: {{direction}} of {{other}} is closed to this namespace.",
      remedy: "Have the intent of {{other}} allow {{key}} of this one as well.",
      warning: "{{direction}} of {{other}} is closed to this namespace; allow it there",
    },
  },
  check(subject, context) {
    const { object } = subject;
    const { view } = context;
    if (object === undefined) return [];
    const facts = namespaceFacts(object);
    const due = view.companionsFor(facts);
    if (due.excluded !== undefined || !changes(subject, due, context)) return [];
    return [
      ...effects(facts, due, context),
      ...due.heldBack.map(({ direction, why, confirm }) => {
        const inShort = confirm === undefined ? why : `confirm by ${confirmIsolationAnnotation}: ${confirm}`;
        return found("heldBack", `${direction} ${why}`, { direction, why, inShort });
      }),
      ...due.unmet.map(({ key, why }) => found("unmet", key, { key, why })),
      ...besides(facts, due, context),
    ];
  },
});

type Found = Finding & {
  readonly message: "closes" | "dns" | "ends" | "heldBack" | "unmet" | "foreign" | "rewritten" | "oneSided";
};
type Context = RuleContext<unknown>;

function found(message: Found["message"], key: string, data: Finding["data"]): Found {
  return { message, path: ["metadata", "annotations"], key: `${message} ${key}`, data };
}

/** Whether other companions are due than before, or other reasons stand against them. */
function changes({ oldObject }: NamespaceSubject, due: DueCompanions, { view }: Context): boolean {
  if (oldObject === undefined) return !comesToNothing(due);
  const before = view.companionsFor(namespaceFacts(oldObject));
  const text = ({ pieces, heldBack, unmet, intent }: DueCompanions): string =>
    JSON.stringify([pieces, heldBack, unmet, intentIn(intent) ?? intent.source]);
  return text(before) !== text(due);
}

function comesToNothing({ pieces, heldBack, unmet }: DueCompanions): boolean {
  return pieces.length === 0 && heldBack.length === 0 && unmet.length === 0;
}

function effects(facts: NamespaceFacts, due: DueCompanions, { view, budget }: Context): readonly Found[] {
  const sets = setsOf(facts.name, due, view);
  const groups = view.workloads(facts.name);
  if (sets === undefined || groups === undefined || view.unmodelledPolicies(facts.name).length > 0) return [];
  const closed = newlyClosed(sets, groups, budget);
  const saysNone = intentIn(due.intent)?.allowDNS === false;
  const withoutDns = saysNone ? [] : newlyWithoutDns(facts, sets, view, budget);
  const { lost, complete } = lostConnections(facts, sets, view, budget);
  return [
    ...closed.map((each) =>
      found("closes", each.direction, {
        direction: each.direction,
        count: counted(podCount(each.groups), "pod"),
        pods: podNames(each.groups, 3),
        inShort: podNames(each.groups, 1),
      }),
    ),
    ...withoutDns.map((item) => {
      const selector = podsText({ subject: item.selector });
      const inShort = describePodsShort(item.scope, selector);
      return found("dns", item.selector.text, {
        pods: describePods(item, selector),
        inShort,
        namespace: facts.name,
      });
    }),
    ...(lost === 0
      ? []
      : [found("ends", "", { count: counted(lost, "connection"), atLeast: complete ? "" : "at least " })]),
  ];
}

/** What beside the companions stands in the way of the intent. */
function besides(facts: NamespaceFacts, due: DueCompanions, { view, budget }: Context): readonly Found[] {
  const intent = intentIn(due.intent);
  const standing = view.policies(facts.name);
  const foreign = due.pieces.flatMap(({ purpose }) => {
    const name = companionName(purpose);
    if (standing?.get(name)?.companion !== false) return [];
    return [found("foreign", name, { name, other: otherCompanionName(purpose, facts.uid) })];
  });
  if (intent === undefined) return foreign;
  const services = [...(view.services(facts.name)?.values() ?? [])].filter(
    (each) => each.rewritesSource === true,
  );
  const rewritten =
    intent.allowIngressFromCIDRs.length === 0 || services.length === 0
      ? []
      : [found("rewritten", "", { services: serviceNames(services) })];
  const oneSided = missingSides(facts, intent, view, budget).map(({ other, direction }) => {
    const key = direction === "ingress" ? "allowIngressFromNamespaces" : "allowEgressToNamespaces";
    return found("oneSided", `${direction} ${other}`, { other, direction, key });
  });
  return [...foreign, ...rewritten, ...oneSided];
}

function serviceNames(services: readonly { readonly name: string }[]): string {
  const names = services.map(({ name }) => name).sort();
  return `${names.length === 1 ? "Service" : "Services"} ${listed(names, 3)}`;
}
