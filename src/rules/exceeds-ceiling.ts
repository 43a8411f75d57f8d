// A policy, or the intent of a namespace, opens more than configuration lets any namespace open. Policies only add: without
// such a bound whoever may write one opens whatever a default deny closes.

import { z } from "zod";
import { intentAnnotation } from "../intent/read.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { Path } from "../model/finding.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import { includesUser } from "../model/principals.ts";
import type { RuleContext } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { workBudget } from "../network/budget.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import { dnsRule } from "../network/dns-rule.ts";
import { openingCovered } from "../network/entry-cover.ts";
import type { Opening } from "../network/opening.ts";
import { peerText, type AllowEntry, type CompiledPolicy } from "../network/policy.ts";
import { describePorts } from "../network/ports.ts";
import type { NamespaceIdentity } from "../network/reachability.ts";
import { everything, matches, namespaceNameLabel } from "../network/selector.ts";
import { directions, peerList } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openingsOf } from "./shared/openings.ts";

export const exceedsCeiling = defineRule({
  id: "exceeds-ceiling",
  profile: "guard",
  since: "v1",
  curable: false,
  judges: "object",
  kind: ["NetworkPolicy", "Namespace"],
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces"],
  options: z.strictObject({}),
  docs: {
    title: "Exceeds ceiling",
    summary:
      "A user who is no operator opens more, by a policy or by a namespace's intent, than the configured ceiling holds.",
    why: "Policies add up: a default deny is no boundary against policies that tenants write themselves. The ceiling is one.",
    remediation: "Keep to what the ceiling holds, or ask an operator.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    policy: {
      text: "{{user}} may not open {{direction}} {{peer}} on {{ports}}: the ceiling holds {{ceiling}}.",
      remedy: "Keep to that, or ask an operator (configuration: ceiling, operators).",
      warning: "{{peer}} on {{ports}} is beyond the ceiling",
    },
    intent: {
      text: "the intent asks for {{direction}} {{peer}} on {{ports}}: the ceiling holds {{ceiling}}.",
      remedy: "Keep to that, or ask an operator (configuration: ceiling, operators).",
      warning: "{{peer}} on {{ports}}: beyond the ceiling",
    },
    undecided: {
      advisory: true,
      text: "whether the ceiling holds {{direction}} {{peer}} on {{ports}} cannot be said: the namespace is not known yet.",
      remedy: "Write it as the ceiling does, which holds {{ceiling}}.",
      warning: "unknown whether the ceiling holds {{peer}}",
    },
    noOperators: {
      advisory: true,
      text: "{{direction}} {{peer}} on {{ports}} is beyond the ceiling; no operators are configured yet, so this only warns.",
      remedy: "To have it refused, name operators (configuration: operators).",
      warning: "{{peer}} on {{ports}} is beyond the ceiling; no operators are configured",
    },
  },
  check(subject, context) {
    const { settings, view } = context;
    const { ceiling, operators } = settings;
    if (ceiling === undefined) return [];
    if (operators !== undefined && includesUser(operators, subject.user)) return [];
    const facts =
      subject.kind === "Namespace"
        ? subject.object && namespaceFacts(subject.object)
        : view.namespaces?.get(subject.namespace);
    const own = facts ?? onlyNamed(subject.namespace);
    return directions.flatMap((direction) => {
      const bound = ceiling[direction];
      if (bound === undefined) return [];
      return openedIn(direction, subject, facts, context).flatMap((opened) => {
        const answer = within(opened, { direction, bound, own, known: facts !== undefined }, context);
        if (answer === true) return [];
        return [
          {
            message: messageFor(answer, subject, settings),
            path: opened.path,
            ...openingsOf({ compiled: opened.policy }, direction, [opened.entry]),
            data: {
              user: subject.user.name,
              direction: direction === "ingress" ? "ingress from" : "egress to",
              peer: peersText(opened.entry),
              ports: describePorts(opened.entry.ports),
              ceiling: ceilingText(bound),
            },
          },
        ];
      });
    });
  },
});

/** One peer of a rule, or a rule without peers, of a policy that is judged. */
interface Opened {
  readonly policy: CompiledPolicy;
  readonly entry: Pick<AllowEntry, "peers" | "ports">;
  readonly path: Path;
}

function openedIn(
  direction: Direction,
  subject: Subject,
  facts: NamespaceFacts | undefined,
  { view, settings }: Pick<RuleContext<unknown>, "view" | "settings">,
): readonly Opened[] {
  if (subject.kind === "NetworkPolicy") {
    return subject.compiled === undefined ? [] : openedBy(subject.compiled, direction);
  }
  if (facts === undefined || !facts.annotations.has(intentAnnotation)) return [];
  if (isDefault(facts, settings)) return [];
  const path = ["metadata", "annotations", intentAnnotation];
  return view
    .companionsFor(facts)
    .compiledAsked.flatMap((policy) => openedBy(policy, direction).map((opened) => ({ ...opened, path })));
}

function openedBy(policy: CompiledPolicy, direction: Direction): readonly Opened[] {
  return policy[direction].flatMap(({ peers, ports, index }): readonly Opened[] => {
    const path = ["spec", direction, index];
    if (peers === "any") return [{ policy, entry: { peers, ports }, path }];
    return peers.map((peer, at) => ({
      policy,
      entry: { peers: [peer], ports },
      path: [...path, peerList(direction), at],
    }));
  });
}

/** What configuration asks for itself, written into the namespace where it was born without, is no tenant's wish. */
function isDefault({ annotations, labels }: NamespaceFacts, { intents }: Settings): boolean {
  const own = intents.defaults.find(({ namespaces }) => matches(namespaces, labels));
  return own !== undefined && annotations.get(intentAnnotation) === own.text;
}

interface Bound {
  readonly direction: Direction;
  readonly bound: readonly AllowEntry[];
  readonly own: NamespaceIdentity;
  /** Whether the labels of the namespace are. */
  readonly known: boolean;
}

/**
 * Steps of selector algebra for one peer: each has its own, so that no number of others hides one. The second is for what
 * nobody writes but to hide something.
 */
const stepsForOne = [2_000, 200_000] as const;

/**
 * Whether the ceiling holds it, the cluster's DNS besides; undefined where its namespace is not known. What is past the
 * work budget is not held: whoever writes it can write it otherwise.
 */
function within(
  { policy: { subject }, entry }: Opened,
  { direction, bound, own, known }: Bound,
  { view, budget }: Pick<RuleContext<unknown>, "view" | "budget">,
): boolean | undefined {
  budget.tick(1 + bound.length);
  const checkTime = (): void => {
    budget.tick(1_000);
  };
  const held = (entries: readonly AllowEntry[]): boolean | undefined => {
    for (const steps of stepsForOne) {
      const context = { own, budget: workBudget(steps, checkTime), namesAsWritten: true } as const;
      const covered = openingCovered({ subject, entry }, entries.map(toAllPods), context);
      if (covered !== undefined) return covered;
    }
    return undefined;
  };
  const answer = held(bound);
  if (answer === true) return true;
  // Whatever the ceiling forgets, pods may resolve names.
  if (direction === "egress" && held([...bound, ...dnsEntries(view)]) === true) return true;
  const isOwn = entry.peers !== "any" && entry.peers.some((peer) => isOfOwn(peer));
  return isOwn && !known ? undefined : false;
}

function isOfOwn(peer: Exclude<AllowEntry["peers"], "any">[number]): boolean {
  return peer.kind === "pods" && peer.namespaces === "own";
}

function toAllPods(entry: AllowEntry): Opening {
  return { subject: everything("pods"), entry };
}

/** The rule that `ringfence generate dns` prints; none as long as it is not known where the DNS is. */
function dnsEntries({ dns }: RuleContext<unknown>["view"]): readonly AllowEntry[] {
  const rule = dnsRule(dns);
  if (rule === undefined) return [];
  return readPolicy({ metadata: {}, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [rule] } })
    .egress;
}

function onlyNamed(name: string): NamespaceIdentity {
  return { name, labels: new Map([[namespaceNameLabel, name]]) };
}

function messageFor(answer: false | undefined, { kind }: Subject, { operators }: Settings) {
  if (answer === undefined) return "undecided";
  if (operators === undefined) return "noOperators";
  return kind === "Namespace" ? "intent" : "policy";
}

function peersText({ peers }: Pick<AllowEntry, "peers">): string {
  return peers === "any" ? "anyone" : peers.map(peerText).join(", ");
}

/** How many entries of the ceiling one message spells out. */
const spelled = 3;

function ceilingText(bound: readonly AllowEntry[]): string {
  if (bound.length === 0) return "nothing";
  const texts = bound
    .slice(0, spelled)
    .map((entry) => `${peersText(entry)} on ${describePorts(entry.ports)}`);
  const more = bound.length > spelled ? ` and ${bound.length - spelled} more` : "";
  return `${texts.join("; ")}${more}`;
}
