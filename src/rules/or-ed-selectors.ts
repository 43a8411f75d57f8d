// One `from` or `to` list holds an item with only a namespaceSelector and an item with only a podSelector. The list is
// an OR: every pod of those namespaces, or those pods of the policy's own namespace. Nearly always one `-` too many:
// what was meant is one item with both. `podSelector: {}` is let be: it says "my own namespace" plainly.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import { compileSelector, isEverything, matches, nothing, type Selector } from "../network/selector.ts";
import { rulesOf, selectorText, type RuleAt } from "../network/walk.ts";
import type { LabelSelector } from "../wire/meta.ts";
import { defineRule } from "./define-rule.ts";

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
      text: "two list items allow every pod of namespaces {{namespaces}} (now {{namespacesNow}}) OR pods {{pods}} in {{home}} (now {{podsNow}}).",
      remedy: "Both conditions at once: put them in one item. Either one: write two rules.",
      warning: "every pod of namespaces {{namespaces}} OR pods {{pods}} here; for AND put both in one item",
    },
    withoutEvidence: {
      advisory: true,
      text: "two list items allow every pod of namespaces {{namespaces}} (now {{namespacesNow}}) OR pods {{pods}} in {{home}} (now {{podsNow}}).",
      remedy: "Both conditions at once: put them in one item. Either one: write two rules.",
      warning: "every pod of namespaces {{namespaces}} OR pods {{pods}} here; for AND put both in one item",
    },
  },
  check(subject, { view, options }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return rulesOf(spec).flatMap((rule) => {
      const { namespacePeers, podPeers } = loneSelectors(rule);
      const [namespacePeer] = namespacePeers;
      const [podPeer] = podPeers;
      if (namespacePeer === undefined || podPeer === undefined) return [];
      const evidence = lookUp(view, subject.namespace, namespacePeer, podPeer);
      const pairs = namespacePeers.flatMap((a) =>
        podPeers.map((b) => `${selectorText(a)} | ${selectorText(b)}`),
      );
      return [
        {
          message:
            options.deny === "always" || evidence.convincing ? ("or" as const) : ("withoutEvidence" as const),
          path: rule.peersPath,
          key: rule.direction,
          scope: { kind: "elements" as const, ids: new Set(pairs) },
          data: {
            namespaces: namespacePeers.map(selectorText).join(" or "),
            pods: podPeers.map(selectorText).join(" or "),
            home: subject.namespace,
            namespacesNow: evidence.namespaces,
            podsNow: evidence.pods,
          },
        },
      ];
    });
  },
});

/** The items of one list that hold nothing but one selector; `podSelector: {}` is no mistake and not among them. */
function loneSelectors(rule: RuleAt): { namespacePeers: LabelSelector[]; podPeers: LabelSelector[] } {
  const namespacePeers: LabelSelector[] = [];
  const podPeers: LabelSelector[] = [];
  for (const { namespaceSelector, podSelector, ipBlock } of rule.peers) {
    if (ipBlock !== undefined) continue;
    if (namespaceSelector !== undefined && podSelector === undefined) namespacePeers.push(namespaceSelector);
    if (podSelector !== undefined && namespaceSelector === undefined && !isEmpty(podSelector)) {
      podPeers.push(podSelector);
    }
  }
  return { namespacePeers, podPeers };
}

function isEmpty(podSelector: LabelSelector): boolean {
  return isEverything(compileSelector(podSelector, "pods") ?? nothing("pods"));
}

interface Evidence {
  readonly namespaces: string;
  readonly pods: string;
  /** Whether what is selected now shows that AND was meant. */
  readonly convincing: boolean;
}

/** What the two items select at this moment, in words. What is not known is said to be so and convinces nobody. */
function lookUp(
  view: ClusterView,
  home: string,
  namespacePeer: LabelSelector,
  podPeer: LabelSelector,
): Evidence {
  const namespaceSelector = compileSelector(namespacePeer, "namespaces") ?? nothing("namespaces");
  const podSelector = compileSelector(podPeer, "pods") ?? nothing("pods");
  const selected = view.namespaces?.matching(namespaceSelector);
  const podsHere = countPods(view, home, podSelector);
  const dead = selected !== undefined && selected.length === 0;
  const podsElsewhere = (selected ?? []).some(
    (namespace) => (countPods(view, namespace.name, podSelector) ?? 0) > 0,
  );
  return {
    namespaces: count(selected?.length, "namespace"),
    pods: count(podsHere, "pod"),
    convincing: dead || isEverything(namespaceSelector) || (podsHere === 0 && podsElsewhere),
  };
}

function countPods(view: ClusterView, namespace: string, selector: Selector): number | undefined {
  return view
    .workloads(namespace)
    ?.filter((group) => group.kind === "pod" && matches(selector, group.labels))
    .reduce((sum, group) => sum + group.count, 0);
}

function count(number: number | undefined, noun: string): string {
  if (number === undefined) return "not known";
  if (number === 0) return `no ${noun}`;
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
