// One `from` or `to` list holds an item with only a namespaceSelector and an item with only a podSelector. The list is
// an OR: every pod of those namespaces, or those pods of the policy's own namespace. Nearly always one `-` too many:
// what was meant is one item with both. `podSelector: {}` is let be: it says "my own namespace" plainly.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import {
  compileSelector,
  implies,
  isEverything,
  matches,
  nothing,
  type Selector,
  type SelectorDomain,
} from "../network/selector.ts";
import { compilePorts, coversPorts, unitePorts, type PortSet } from "../network/ports.ts";
import { coveredBy } from "../network/selector-cover.ts";
import { directions, rulesOf, selectorText, speaksOf, type RuleAt } from "../network/walk.ts";
import type { LabelSet } from "../network/labels.ts";
import type { LabelSelector } from "../wire/meta.ts";
import type { Direction, NetworkPolicyPeer, NetworkPolicySpec } from "../wire/network-policy.ts";
import { countedNow } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";

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
    // Without an object before it there is nothing that the items could be compared with.
    const oldSpec = subject.oldObject?.spec;
    const old = oldSpec === undefined ? undefined : new OldRules(oldSpec, spec, budget);
    return suspects.map((rule) => {
      const { namespacePeers, podPeers } = itemsOf(rule);
      const evidence = lookUp(view, subject.namespace, namespacePeers, podPeers);
      const convincing = options.deny === "always" || evidence.convincing();
      return {
        message: convincing ? ("or" as const) : ("withoutEvidence" as const),
        path: rule.peersPath,
        key: rule.direction,
        ...(old !== undefined && {
          scope: { kind: "elements" as const, ids: old.opensNoMore(rule) ? none : more },
        }),
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

/** What there was not before the request; before it nothing is. */
const more: ReadonlySet<string> = new Set(["more"]);
const none: ReadonlySet<string> = new Set();

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

/** What an old rule opens by its items: each of the namespaces and each of the pods, on the ports. */
interface OldRule {
  readonly ports: PortSet | "any";
  readonly namespaces: Items;
  readonly pods: Items;
}

interface Items {
  readonly selectors: readonly Selector[];
  readonly texts: ReadonlySet<string>;
}

/** The OR-ed rules of the object before the request: what they opened is no news. */
class OldRules {
  readonly #spec: NetworkPolicySpec;
  readonly #now: NetworkPolicySpec;
  readonly #budget: Budget;
  readonly #opensMorePods: boolean;
  readonly #known = new Map<Direction, readonly OldRule[]>();

  constructor(spec: NetworkPolicySpec, now: NetworkPolicySpec, budget: Budget) {
    this.#spec = spec;
    this.#now = now;
    this.#budget = budget;
    const [before] = selectorsOf([spec.podSelector ?? {}], "pods");
    const [after] = selectorsOf([now.podSelector ?? {}], "pods");
    this.#opensMorePods = before !== undefined && after !== undefined && !implies(after, before);
  }

  /** Whether the rule's items open nothing but what those of the old rules did; what is not known is no news. */
  opensNoMore(rule: RuleAt): boolean {
    if (this.#opensMorePods) return false;
    const { namespacePeers, podPeers } = itemsOf(rule);
    const { ports } = compilePorts(rule.ports);
    const old = this.#of(rule.direction);
    // By which old rules an item is covered: a few sorts, however many items there are.
    const sortsOf = (peers: readonly LabelSelector[], what: "namespaces" | "pods"): readonly boolean[][] => {
      const sorts = new Map<string, boolean[]>();
      for (const selector of selectorsOf(peers, what)) {
        const sort = old.map((each) => this.#covers(each[what], selector));
        sorts.set(sort.join(), sort);
      }
      return [...sorts.values()];
    };
    const pods = sortsOf(podPeers, "pods");
    return sortsOf(namespacePeers, "namespaces").every((one) =>
      pods.every((two) => {
        const opened = old.filter((_, index) => one[index] === true && two[index] === true);
        return coversPorts(unitePorts(opened.map((each) => each.ports)), ports) !== false;
      }),
    );
  }

  #covers({ selectors, texts }: Items, selector: Selector): boolean {
    if (texts.has(selector.text)) return true;
    return !this.#budget.spend(selectors.length) || coveredBy(selector, selectors, this.#budget) !== false;
  }

  #of(direction: Direction): readonly OldRule[] {
    const standing = this.#known.get(direction);
    if (standing !== undefined) return standing;
    // Rules of a direction that was not isolated opened nothing.
    const inForce = speaksOf(this.#spec, direction) || !speaksOf(this.#now, direction);
    const rules = inForce ? rulesOf(this.#spec, [direction], isSuspect, this.#budget) : [];
    const found = rules.map((rule): OldRule => {
      const { namespacePeers, podPeers } = itemsOf(rule);
      return {
        ports: compilePorts(rule.ports).ports,
        namespaces: items(namespacePeers, "namespaces"),
        pods: items(podPeers, "pods"),
      };
    });
    this.#known.set(direction, found);
    return found;
  }
}

function items(peers: readonly LabelSelector[], domain: SelectorDomain): Items {
  const selectors = selectorsOf(peers, domain);
  return { selectors, texts: new Set(selectors.map(({ text }) => text)) };
}

/** Those that can be read. */
function selectorsOf(peers: readonly LabelSelector[], domain: SelectorDomain): readonly Selector[] {
  return peers.flatMap((peer) => compileSelector(peer, domain) ?? []);
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
