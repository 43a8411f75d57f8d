// A namespace gains a label by which policies of other namespaces select: their pods are opened to its pods, or may reach
// them, and nothing in those policies has changed. A label is a credential, and whoever sets it should know what it opens.

import { z } from "zod";
import type { NamespaceSelection } from "../model/cluster-view.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import type { RuleContext } from "../model/rule.ts";
import { edgeChange, type Edge, type EdgeEnd } from "../network/edges.ts";
import { labelSetText, type LabelSet } from "../network/labels.ts";
import { matches } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import type { Direction } from "../wire/network-policy.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { mostNamespaces, placeIn } from "./shared/places.ts";
import { countText } from "./shared/pod-words.ts";

export const namespaceLabelGrantsAccess = defineRule({
  id: "namespace-label-grants-access",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces"],
  options: z.strictObject({}),
  docs: {
    title: "Namespace label grants access",
    summary: "A namespace gains a label by which policies of other namespaces open pods to it.",
    why: "Policies elsewhere admit namespaces by their labels. A new label changes what they open, though none of them was touched, and nobody who looks at them sees it.",
    remediation: "Keep the label where that is meant; else leave it out, or give it another key or value.",
    references: ["https://kubernetes.io/docs/concepts/security/multi-tenancy/"],
  },
  messages: {
    edges: {
      text: "with {{labels}} the pods of this namespace can now {{reach}} {{atLeast}}{{others}} of {{namespaces}}: {{policies}} elsewhere {{select}} namespaces by it.",
      remedy: "If that is more than is meant, leave {{labels}} out.",
      warning: "its pods can now {{reach}} {{atLeast}}{{others}} of {{namespaces}}",
    },
    policies: {
      text: "{{policies}} of {{namespaces}} {{select}} namespaces by {{labels}}, so that the pods of this one may {{reach}} pods there.",
      remedy: "If that is more than is meant, leave {{labels}} out.",
      warning: "{{policies}} of {{namespaces}} {{opens}}",
    },
  },
  check(subject, context) {
    const { object, oldObject } = subject;
    if (object === undefined) return [];
    const { name, labels: after } = namespaceFacts(object);
    // Its name is none that it gains.
    const { labels: before } = namespaceFacts(oldObject ?? { metadata: { name } });
    const gained = new Map([...after].filter(([key, value]) => before.get(key) !== value));
    if (gained.size === 0) return [];
    const selections = newlyIn(name, before, after, gained, context);
    if (selections.length === 0) return [];
    const { found, complete } = gainedEdges({ name, before, after, selections }, context);
    return directions.flatMap((direction) => {
      const those = selections.filter((selection) => selection.direction === direction);
      return those.length === 0 ? [] : [describe(direction, those, gained, { name, found, complete })];
    });
  },
});

/** Selections of other namespaces' policies that the namespace comes into by a label that it gains. */
function newlyIn(
  name: string,
  before: LabelSet,
  after: LabelSet,
  gained: LabelSet,
  { view, budget }: Pick<RuleContext<unknown>, "view" | "budget">,
): readonly NamespaceSelection[] {
  const now = view.namespacePeers?.matching(after, budget) ?? [];
  return now.filter(
    ({ selector, policies }) =>
      !matches(selector, before) &&
      [...selector.constraints.keys()].some((key) => gained.has(key)) &&
      (policies.size > 1 || !policies.has(name)),
  );
}

interface Change {
  readonly name: string;
  readonly before: LabelSet;
  readonly after: LabelSet;
  readonly selections: readonly NamespaceSelection[];
}

/** Who can reach whom by it, as far as pods are there and known, both sides' policies counted. */
function gainedEdges(
  { name, before, after, selections }: Change,
  { view, budget }: Pick<RuleContext<unknown>, "view" | "budget">,
): { readonly found: readonly Edge[]; readonly complete: boolean } {
  const home = placeIn(name, view);
  if (home === undefined || home.groups.length === 0) return { found: [], complete: false };
  const names = new Set(selections.flatMap(({ policies }) => [...policies.keys()]));
  names.delete(name);
  const looked = [...names].sort().slice(0, mostNamespaces);
  const others = looked.map((other) => placeIn(other, view)).filter((place) => place !== undefined);
  const [was, is] = [before, after].map((labels) => ({ ...home, namespace: { name, labels } }));
  if (was === undefined || is === undefined) return { found: [], complete: false };
  const { gained, complete } = edgeChange(was, is, { others, crossing: true, budget });
  return { found: gained, complete: complete && others.length === names.size };
}

function describe(
  direction: Direction,
  selections: readonly NamespaceSelection[],
  gained: LabelSet,
  { name, found, complete }: { name: string; found: readonly Edge[]; complete: boolean },
) {
  const keys = new Set(selections.flatMap(({ selector }) => [...selector.constraints.keys()]));
  const labels = new Map([...gained].filter(([key]) => keys.has(key)));
  const [label = ""] = labels.keys();
  const counts = selections.flatMap(({ policies }) => [...policies].filter(([other]) => other !== name));
  const policies = counts.reduce((sum, [, count]) => sum + count, 0);
  // What lets this namespace in is ingress there.
  const ends = found.map(({ from, to }) => (direction === "ingress" ? to : from));
  const others = ends.filter((end) => isElsewhere(end, name));
  const concerned = others.length > 0 ? others : undefined;
  const namespaces = new Set(concerned?.map(({ namespace }) => namespace) ?? counts.map(([other]) => other));
  return {
    message: concerned === undefined ? ("policies" as const) : ("edges" as const),
    path: ["metadata", "labels", ...(labels.size === 1 ? [label] : [])],
    key: `${direction} by ${labelSetText(labels)}`,
    data: {
      labels: labelSetText(labels),
      reach: direction === "ingress" ? "reach" : "be reached from",
      policies: policies === 1 ? "1 policy" : `${policies} policies`,
      select: policies === 1 ? "selects" : "select",
      opens: opens(direction, policies),
      namespaces: counted(namespaces.size, "other namespace"),
      others: countText(groupsOf(concerned ?? [])),
      atLeast: complete ? "" : "at least ",
    },
  };
}

function opens(direction: Direction, policies: number): string {
  if (direction === "ingress") return policies === 1 ? "lets it in by it" : "let it in by it";
  return policies === 1 ? "opens egress to it by it" : "open egress to it by it";
}

type PodsEnd = Extract<EdgeEnd, { kind: "pods" }>;

function isElsewhere(end: EdgeEnd, home: string): end is PodsEnd {
  return end.kind === "pods" && end.namespace !== home;
}

function groupsOf(ends: readonly PodsEnd[]): readonly WorkloadGroup[] {
  return [...new Set(ends.map(({ group }) => group))];
}
