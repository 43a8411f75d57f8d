// One `from` or `to` list holds an item with only a namespaceSelector and an item with only a podSelector. The list is
// an OR: every pod of those namespaces, or those pods of the policy's own namespace. Nearly always one `-` too many:
// what was meant is one item with both. `podSelector: {}` is let be: it says "my own namespace" plainly.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { PolicySubject } from "../model/subject.ts";
import type { Budget } from "../network/budget.ts";
import { compileSelector, isEverything, matches, nothing, type Selector } from "../network/selector.ts";
import { compilePorts } from "../network/ports.ts";
import { directions, rulesOf, selectorText, speaksOf, type RuleAt } from "../network/walk.ts";
import type { LabelSet } from "../network/labels.ts";
import type { LabelSelector } from "../wire/meta.ts";
import type { NetworkPolicyPeer, NetworkPolicySpec } from "../wire/network-policy.ts";
import { countedNow } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openedOn, openingsOf } from "./shared/openings.ts";

export const orEdSelectors = defineRule({
  id: "or-ed-selectors",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({
    deny: z
      .enum(["always", "withEvidence"])
      .default("always")
      .describe(
        "withEvidence denies only where the namespace item is dead or {}, or the pod item matches nothing at home and something in the selected namespaces",
      ),
  }),
  docs: {
    title: "OR-ed selectors",
    summary: "A namespaceSelector and a podSelector stand as two items of one from or to list.",
    why: "Items of one list are OR-ed: every pod of those namespaces is allowed, and besides those pods of the policy's own namespace. What is meant is nearly always AND, in one item.",
    remediation:
      "Both conditions at once: put both selectors into one item. Either one: write two rules with one peer each.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
    ],
  },
  messages: {
    or: {
      text: "{{items}} list items allow every pod of namespaces {{namespaces}} (now {{namespacesNow}}) OR pods {{pods}} in {{home}} (now {{podsNow}}).",
      remedy: "Both conditions at once: put them in one item. Either one: write two rules.",
      warning: "all of namespaces {{namespaces}} OR pods {{pods}}; for AND use one item",
    },
    withoutEvidence: {
      advisory: true,
      text: "{{items}} list items allow every pod of namespaces {{namespaces}} (now {{namespacesNow}}) OR pods {{pods}} in {{home}} (now {{podsNow}}).",
      remedy: "Both conditions at once: put them in one item. Either one: write two rules.",
      warning: "all of namespaces {{namespaces}} OR pods {{pods}}; for AND use one item",
    },
  },
  check(subject, { view, options, budget }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    const suspects = rulesOf(spec, directions, isSuspect, budget);
    if (suspects.length === 0) return [];
    return suspects.map((rule) => {
      const { namespacePeers, podPeers } = itemsOf(rule);
      const evidence = lookUp(view, subject.namespace, namespacePeers, podPeers);
      const convincing = options.deny === "always" || evidence.convincing();
      return {
        message: convincing ? ("or" as const) : ("withoutEvidence" as const),
        path: rule.peersPath,
        // Without an object before it there is nothing that the items could be compared with.
        ...(subject.oldObject === undefined ? { key: rule.direction } : openedByItems(subject, spec, rule)),
        data: {
          items: listed(namespacePeers.length + podPeers.length),
          namespaces: shortList(namespacePeers),
          pods: shortList(podPeers),
          home: subject.namespace,
          namespacesNow: evidence.namespaces,
          podsNow: evidence.pods,
        },
      };
    });
  },
});

function itemsOf({ peers }: Pick<RuleAt, "peers">): {
  readonly namespacePeers: readonly LabelSelector[];
  readonly podPeers: readonly LabelSelector[];
} {
  const namespacePeers: LabelSelector[] = [];
  const podPeers: LabelSelector[] = [];
  for (const peer of peers) {
    if (isNamespacePeer(peer)) namespacePeers.push(peer.namespaceSelector);
    else if (isPodPeer(peer)) podPeers.push(peer.podSelector);
  }
  return { namespacePeers, podPeers };
}

/** What the items of a rule open; nothing in a direction that the policy does not isolate. */
function openedByItems(
  subject: PolicySubject,
  spec: NetworkPolicySpec,
  rule: RuleAt,
): ReturnType<typeof openingsOf> {
  const peers = rule.peers.filter((peer) => isNamespacePeer(peer) || isPodPeer(peer));
  const entries = speaksOf(spec, rule.direction) ? [openedOn({ peers }, compilePorts(rule.ports).ports)] : [];
  return openingsOf(subject, rule.direction, entries);
}

function listed(items: number): string {
  return items === 2 ? "two" : String(items);
}

/** How many items one message spells out. */
const spelled = 5;

function shortList(peers: readonly LabelSelector[]): string {
  const more = peers.length > spelled ? ` or ${peers.length - spelled} more` : "";
  return `${peers.slice(0, spelled).map(selectorText).join(" or ")}${more}`;
}

function isSuspect(peers: readonly NetworkPolicyPeer[], _ports: unknown, budget: Budget): boolean {
  budget.tick(1 + peers.length);
  return peers.length > 1 && peers.some(isNamespacePeer) && peers.some(isPodPeer);
}

/** Holds nothing but a namespaceSelector. */
function isNamespacePeer(peer: NetworkPolicyPeer): peer is { namespaceSelector: LabelSelector } {
  return peer.namespaceSelector !== undefined && peer.podSelector === undefined && peer.ipBlock === undefined;
}

/** Holds nothing but a podSelector; `podSelector: {}` is no mistake and not meant. */
function isPodPeer(peer: NetworkPolicyPeer): peer is { podSelector: LabelSelector } {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  return (
    podSelector !== undefined &&
    namespaceSelector === undefined &&
    ipBlock === undefined &&
    !isEmpty(podSelector)
  );
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  if (matchExpressions.length > 0) return false;
  for (const key in matchLabels) if (Object.hasOwn(matchLabels, key)) return false;
  return true;
}

interface Evidence {
  readonly namespaces: string;
  readonly pods: string;
  /** Whether what is selected now shows that AND was meant. */
  readonly convincing: () => boolean;
}

/** Of longer lists what they select is not counted: each item would be held against every namespace or pod. */
const mostCounted = 20;

/** What the items select at this moment, in words. What is not known is said to be so and convinces nobody. */
function lookUp(
  view: ClusterView,
  home: string,
  namespacePeers: readonly LabelSelector[],
  podPeers: readonly LabelSelector[],
): Evidence {
  if (Math.max(namespacePeers.length, podPeers.length) > mostCounted) {
    return { namespaces: "not counted", pods: "not counted", convincing: () => false };
  }
  const namespaceSelectors = namespacePeers.map(
    (peer) => compileSelector(peer, "namespaces") ?? nothing("namespaces"),
  );
  const podSelectors = podPeers.map((peer) => compileSelector(peer, "pods") ?? nothing("pods"));
  const directory = view.namespaces;
  const selected = directory && namespaceSelectors.map((selector) => directory.matching(selector));
  const namespaces = selected && (selected.length === 1 ? selected[0] : [...new Set(selected.flat())]);
  const isMisplaced = (selector: Selector): boolean =>
    countPods(view, home, [selector]) === 0 &&
    namespaces?.some(({ name }) => (countPods(view, name, [selector]) ?? 0) > 0) === true;
  return {
    namespaces: countedNow(namespaces?.length, "namespace"),
    pods: countedNow(countPods(view, home, podSelectors), "pod"),
    convincing: () =>
      selected?.some((found) => found.length === 0) === true ||
      namespaceSelectors.some(isEverything) ||
      podSelectors.some(isMisplaced),
  };
}

function countPods(view: ClusterView, namespace: string, selectors: readonly Selector[]): number | undefined {
  const groups = view.workloads(namespace);
  if (groups === undefined) return undefined;
  let count = 0;
  for (const group of groups) {
    if (group.kind !== "pod" || group.finished) continue;
    if (matchesAny(selectors, group.labels)) count += group.count;
  }
  return count;
}

function matchesAny(selectors: readonly Selector[], labels: LabelSet): boolean {
  for (const selector of selectors) if (matches(selector, labels)) return true;
  return false;
}
