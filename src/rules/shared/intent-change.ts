// What a changed intent does to the pods and connections that are there.

import type { ClusterView, NamespaceFacts } from "../../model/cluster-view.ts";
import type { DueCompanions } from "../../model/companions.ts";
import type { Intent } from "../../intent/keys.ts";
import type { Budget } from "../../network/budget.ts";
import { dnsCutOff, type DnsCutOff } from "../../network/dns-egress.ts";
import { edgeChange } from "../../network/edges.ts";
import { isolating, policySet, withCompanions, type PolicySet } from "../../network/policy-set.ts";
import type { CompiledPolicy } from "../../network/policy.ts";
import { isolationChange, peerMatches } from "../../network/reachability.ts";
import { somePod } from "../../network/refused-routes.ts";
import { everything, isEverything } from "../../network/selector.ts";
import { directions } from "../../network/walk.ts";
import type { WorkloadGroup } from "../../network/workloads.ts";
import type { Direction } from "../../wire/network-policy.ts";
import { mostNamespaces, placeIn } from "./places.ts";

/** The policies of the namespace as they stand, and as they are once the companions are written and the others gone. */
export interface IntentSets {
  readonly standing: PolicySet;
  readonly after: PolicySet;
}

/** Undefined where they are not known. */
export function setsOf(
  name: string,
  due: DueCompanions,
  view: Pick<ClusterView, "policies">,
): IntentSets | undefined {
  const standing = view.policies(name);
  if (standing === undefined) return undefined;
  const kept = standing.policies.filter(({ companion }) => !companion);
  return { standing, after: withCompanions(kept, name, due.compiled) };
}

/** Pods that are open in a direction and will be closed. */
export function newlyClosed(
  { standing, after }: IntentSets,
  groups: readonly WorkloadGroup[],
  budget: Budget,
): readonly { readonly direction: Direction; readonly groups: readonly WorkloadGroup[] }[] {
  const pods = groups.filter(({ kind }) => kind === "pod");
  return directions
    .map((direction) => ({
      direction,
      groups: isolationChange(standing, after, direction, pods, budget).closed,
    }))
    .filter((each) => each.groups.length > 0);
}

/** Who may ask the cluster's DNS now and may not any more, because a companion that opened it goes and a policy that isolates stays. */
export function newlyWithoutDns(
  facts: NamespaceFacts,
  { standing, after }: IntentSets,
  view: Pick<ClusterView, "workloads" | "dns" | "dueCompanions">,
  budget: Budget,
): readonly DnsCutOff[] {
  const place = {
    groups: view.workloads(facts.name),
    profile: view.dns,
    namespaceLabels: facts.labels,
    budget,
  };
  const cutOff = (set: PolicySet, dueCompanions: readonly CompiledPolicy[]): readonly DnsCutOff[] =>
    dnsCutOff(set, { ...place, dueCompanions }).filter(({ admitted }) => admitted === "none");
  const lost = cutOff(after, []);
  if (lost.length === 0) return [];
  const before = new Set(
    cutOff(standing, view.dueCompanions(facts.name)).map(({ selector }) => selector.text),
  );
  return lost.filter(({ selector }) => !before.has(selector.text));
}

/** How many connections between pods and workloads that are there end; `complete` is false where there may be more. */
export function lostConnections(
  facts: NamespaceFacts,
  { standing, after }: IntentSets,
  view: ClusterView,
  budget: Budget,
): { readonly lost: number; readonly complete: boolean } {
  const home = placeIn(facts.name, view);
  if (home === undefined) return { lost: 0, complete: false };
  const named = namesIn(facts, view);
  const others = named.slice(0, mostNamespaces).flatMap((name) => placeIn(name, view) ?? []);
  const { lost, complete } = edgeChange(
    { ...home, policies: standing },
    { ...home, policies: after },
    { others, budget },
  );
  const between = lost.filter(({ from, to }) => from.kind === "pods" && to.kind === "pods");
  return { lost: between.length, complete: complete && others.length === named.length };
}

/** The other namespaces, in order of name. */
function namesIn({ name }: NamespaceFacts, { namespaces }: ClusterView): readonly string[] {
  const all = namespaces?.matching(everything("namespaces")) ?? [];
  return all
    .map((other) => other.name)
    .filter((other) => other !== name)
    .sort();
}

/** An edge to or from a namespace that the intent names, whose own policies do not let it through. */
export interface MissingSide {
  readonly other: string;
  /** Of the other namespace: `ingress` is missing where this one goes out to it. */
  readonly direction: Direction;
}

/** Which edges that the intent opens stay closed by the other side; the namespaces are those that the user wrote. */
export function missingSides(
  facts: NamespaceFacts,
  intent: Intent,
  view: ClusterView,
  budget: Budget,
): readonly MissingSide[] {
  const out = [
    ...intent.allowEgressToNamespaces.map(({ namespace }) => namespace),
    ...intent.connections.map(({ to }) => to.namespace),
  ];
  const back = [
    ...intent.allowIngressFromNamespaces.map(({ namespace }) => namespace),
    ...intent.connections.map(({ from }) => from.namespace),
  ];
  const asked = (names: readonly (string | undefined)[], direction: Direction): MissingSide[] =>
    [...new Set(names)]
      .filter((name) => name !== undefined && name !== facts.name)
      .slice(0, mostNamespaces)
      .flatMap((other) => (other === undefined ? [] : [{ other, direction }]));
  return [...asked(out, "ingress"), ...asked(back, "egress")].filter(({ other, direction }) =>
    closesAllTo(facts, other, direction, view, budget),
  );
}

/** Whether all pods of the other namespace are closed, and no rule there may mean a pod of this one. */
function closesAllTo(
  facts: NamespaceFacts,
  other: string,
  direction: Direction,
  view: ClusterView,
  budget: Budget,
): boolean {
  const set = view.policies(other);
  if (set === undefined || view.unmodelledPolicies(other).length > 0) return false;
  const all = [...set.policies, ...view.dueCompanions(other)];
  const closing = isolating(policySet(other, all), direction);
  if (!closing.some(({ subject }) => isEverything(subject))) return false;
  const target = somePod(facts, new Map());
  return all.every((policy) =>
    policy[direction].every(({ peers }) => {
      budget.tick(peers === "any" ? 1 : peers.length);
      return peers !== "any" && peers.every((peer) => peerMatches(peer, other, target) === false);
    }),
  );
}
