// A request that lets pods of the namespace be reached from, or reach, pods of other namespaces or addresses outside that they could
// not before: what a reviewer wants to see. Both sides count, and of what is not there nothing is said.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { PolicySubject } from "../model/subject.ts";
import type { Budget } from "../network/budget.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import { edgeChange, type Edge, type EdgeEnd, type Place } from "../network/edges.ts";
import { peerText, type AllowEntry, type CompiledPolicy } from "../network/policy.ts";
import { isolating } from "../network/policy-set.ts";
import { describePorts, unitePorts } from "../network/ports.ts";
import { matches } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import type { Direction } from "../wire/network-policy.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { setChange, type SetChange } from "./shared/isolation-question.ts";
import { mostNamespaces, NamespaceLookup, placeIn } from "./shared/places.ts";
import { countText, podNames } from "./shared/pod-words.ts";

export const widensReach = defineRule({
  id: "widens-reach",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces", "policies", "workloads"],
  options: z.strictObject({}),
  docs: {
    title: "Widens reach",
    summary:
      "The request opens connections with pods of other namespaces, or with addresses outside, that were closed.",
    why: "Most policies are changed to make something work. What the change opens across the namespace's border stays open afterwards, and nobody sees it in the difference of two selectors.",
    remediation: "Keep it where it is meant; else narrow the peers or the ports.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    pods: {
      text: "{{own}} can now {{reach}} {{atLeast}}{{others}} of {{namespaces}} on {{ports}}; before, no policy allowed that.",
      remedy: "If that is more than is meant, narrow the peers or the ports.",
      warning: "{{inShort}} can now {{reach}} {{atLeast}}{{others}} of {{namespaces}} on {{ports}}",
    },
    world: {
      text: "{{own}} can now {{reach}} {{ranges}} on {{ports}}; before, no policy allowed that.",
      remedy: "If that is more than is meant, narrow the peers or the ports.",
      warning: "{{inShort}} can now {{reach}} {{ranges}} on {{ports}}",
    },
  },
  check(subject, { view, budget }) {
    const sets = setChange(subject, view);
    if (sets === undefined || !mayWiden(subject, sets)) return [];
    const home = placeIn(subject.namespace, view);
    if (home === undefined) return [];
    const { others, all } = concerned(subject, view, budget);
    // Nothing changes for those that the policy does not select, neither before nor after.
    const groups = selected(subject, home.groups);
    const [before, after] = [sets.before, sets.after].map((policies) => ({ ...home, policies, groups }));
    if (before === undefined || after === undefined) return [];
    const { gained, complete } = edgeChange(before, after, { others, crossing: true, budget });
    return directions.flatMap((direction) => describe(gained, direction, subject.namespace, all && complete));
  },
});

/** Whether a rule that crosses the border is new, or pods that were closed are not any more; most requests end here. */
function mayWiden({ compiled, oldObject }: PolicySubject, { before }: SetChange): boolean {
  if (compiled === undefined) return false;
  const old = oldObject && readPolicy(oldObject);
  return directions.some((direction) => {
    if (isolating(before, direction).length === 0) return false;
    const sameSubject = old?.subject.text === compiled.subject.text;
    if (old?.isolates[direction] === true && !(sameSubject && compiled.isolates[direction])) return true;
    return novel(compiled, old, direction).length > 0;
  });
}

/** The groups that the policy selects, or selected. */
function selected(
  { compiled, oldObject }: PolicySubject,
  groups: readonly WorkloadGroup[],
): readonly WorkloadGroup[] {
  const subjects = [compiled, oldObject && readPolicy(oldObject)].flatMap((policy) => policy?.subject ?? []);
  return groups.filter(({ labels }) => subjects.some((subject) => matches(subject, labels)));
}

/** The rules that may mean others than the namespace's own pods, and that did not stand in the policy before. */
function novel(
  compiled: CompiledPolicy,
  old: CompiledPolicy | undefined,
  direction: Direction,
): readonly AllowEntry[] {
  const crossing = compiled[direction].filter(crosses);
  if (crossing.length === 0 || old?.subject.text !== compiled.subject.text) return crossing;
  const stood = new Set(old[direction].map(entryText));
  return crossing.filter((entry) => !stood.has(entryText(entry)));
}

function crosses({ peers }: AllowEntry): boolean {
  return peers === "any" || peers.some((peer) => peer.kind === "ipBlock" || peer.namespaces !== "own");
}

function entryText({ peers, ports }: AllowEntry): string {
  return `${peers === "any" ? "anyone" : peers.map(peerText).join("; ")} on ${describePorts(ports)}`;
}

/** The other namespaces that new rules mean, so many as are looked at, and whether that is all of them. */
function concerned(
  { compiled, oldObject, namespace }: PolicySubject,
  view: ClusterView,
  budget: Budget,
): { readonly others: readonly Place[]; readonly all: boolean } {
  if (compiled === undefined) return { others: [], all: true };
  const old = oldObject && readPolicy(oldObject);
  const rules = directions.flatMap((direction) => novel(compiled, old, direction));
  const names = namesMeant(rules, view, budget);
  names.delete(namespace);
  const looked = [...names].slice(0, mostNamespaces);
  const others = looked.map((name) => placeIn(name, view)).filter((place) => place !== undefined);
  return { others, all: others.length === names.size };
}

function namesMeant(rules: readonly AllowEntry[], { namespaces }: ClusterView, budget: Budget): Set<string> {
  const names = new Set<string>();
  const lookup = namespaces && new NamespaceLookup(namespaces, budget);
  for (const { peers } of rules) {
    for (const peer of peers === "any" ? [] : peers) {
      if (peer.kind === "ipBlock" || peer.namespaces === "own") continue;
      for (const { name } of lookup?.matching(peer.namespaces) ?? []) {
        names.add(name);
        // More than are looked at, and the own one perhaps.
        if (names.size > mostNamespaces + 1) return names;
      }
    }
  }
  return names;
}

function describe(gained: readonly Edge[], direction: Direction, home: string, isAll: boolean) {
  const edges = gained.filter(({ from, to }) => isOwn(direction === "ingress" ? to : from, home));
  const [own, far] = direction === "ingress" ? (["to", "from"] as const) : (["from", "to"] as const);
  const kinds = Map.groupBy(edges, (edge) => edge[far].kind);
  return [...kinds].map(([kind, all]) => {
    // A workload is counted beside its pods only where there are no pods at all.
    const ofPods = all.filter(({ from, to }) => isOfPods(from) && isOfPods(to));
    const found = ofPods.length > 0 ? ofPods : all;
    const groups = distinct(found.map((edge) => edge[own]));
    const others = distinct(found.map((edge) => edge[far]));
    const namespaces = new Set(
      found.flatMap((edge) => (edge[far].kind === "pods" ? [edge[far].namespace] : [])),
    );
    return {
      message: kind === "pods" ? ("pods" as const) : ("world" as const),
      path: ["spec", direction],
      key: `${direction} ${kind}`,
      data: {
        own: podNames(groups, 3),
        inShort: podNames(groups, 1),
        reach: direction === "ingress" ? "be reached from" : "reach",
        atLeast: isAll ? "" : "at least ",
        others: countText(others),
        namespaces: counted(namespaces.size, "other namespace"),
        ports: portsText(found),
        ranges: rangesText(found.map((edge) => edge[far])),
      },
    };
  });
}

function isOwn(end: EdgeEnd, home: string): boolean {
  return end.kind === "pods" && end.namespace === home;
}

/** Whether it is there already: not only a template of a workload. */
function isOfPods(end: EdgeEnd): boolean {
  return end.kind !== "pods" || end.group.kind === "pod";
}

function distinct(ends: readonly EdgeEnd[]): readonly WorkloadGroup[] {
  return [...new Set(ends.flatMap((end) => (end.kind === "pods" ? [end.group] : [])))];
}

const everyPort = "all/TCP, all/UDP, all/SCTP";

function portsText(edges: readonly Edge[]): string {
  const text = describePorts(unitePorts(edges.map(({ ports }) => ports)));
  return text === everyPort ? "any port" : text;
}

/** So many ranges are written out. */
const named = 3;

function rangesText(ends: readonly EdgeEnd[]): string {
  const ranges = new Set(
    ends.flatMap((end) => (end.kind === "outside" ? end.ranges.map(({ text }) => text) : [])),
  );
  if (ranges.has("0.0.0.0/0") && ranges.has("::/0")) return "any address";
  const more = ranges.size > named ? ` and ${ranges.size - named} more ranges` : "";
  return `${[...ranges].slice(0, named).join(", ")}${more}`;
}
