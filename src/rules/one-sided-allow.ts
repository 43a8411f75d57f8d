// A rule that the policies of the other side undo: it lets pods in whose own egress is closed to here, or out to pods whose ingress
// is closed to these. Both sides have to allow a connection. Said where it is so for all pods that the peer means now.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import { OtherSide, type OneSide } from "../network/other-side.ts";
import { peerText, type CompiledPolicy } from "../network/policy.ts";
import { matches } from "../network/selector.ts";
import { obeysPolicies, type WorkloadGroup } from "../network/workloads.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { mostNamespaces, NamespaceLookup, placeIn } from "./shared/places.ts";
import { countText, podNames } from "./shared/pod-words.ts";
import { podPeers } from "./shared/pod-peers.ts";

export const oneSidedAllow = defineRule({
  id: "one-sided-allow",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces", "policies", "workloads"],
  options: z.strictObject({}),
  docs: {
    title: "One-sided allow",
    summary: "A rule allows a connection that the policies of the other side close.",
    why: "A connection needs the egress of the one pod and the ingress of the other. Where only one of them is allowed it is dropped, though the policy that was written for it looks right.",
    remediation: "Allow the other side as well, in the policies of the pods there.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    ingress: {
      text: "{{peer}} may come in by this rule, but their own policies do not let them out to here: {{others}}.",
      remedy: "Allow egress from them to {{own}} as well, unless the same apply brings it.",
      warning: "egress of {{inShort}} is closed to here; allow it there too",
    },
    egress: {
      text: "{{peer}} may be reached by this rule, but their own policies do not let these pods in: {{others}}.",
      remedy: "Allow ingress from {{own}} to them as well, unless the same apply brings it.",
      warning: "ingress of {{inShort}} is closed to these; allow it there too",
    },
  },
  check(subject, { view, budget }) {
    const { compiled } = subject;
    const { namespaces } = view;
    const home = placeIn(subject.namespace, view);
    if (compiled === undefined || home === undefined || namespaces === undefined) return [];
    const own = home.groups.filter((group) => isConcerned(compiled, group));
    if (own.length === 0) return [];
    const lookup = new NamespaceLookup(namespaces, budget);
    const around = { view, lookup, budget, sides: new Map([[subject.namespace, new OtherSide(home)]]) };
    return podPeers(compiled).flatMap(({ peer, entry, path, direction }) => {
      const found = closedEverywhere({ policy: compiled, direction, entry, peer, own, home }, around);
      if (found === undefined) return [];
      const data = { peer: peerText(peer), ...found, own: podNames(own, 1) };
      return [{ message: direction, path, key: `${direction} ${peerText(peer)}`, data }];
    });
  },
});

/** Whether the policy acts on the group: it runs or will, on the network of pods, and is selected. */
function isConcerned({ subject }: CompiledPolicy, group: WorkloadGroup): boolean {
  return obeysPolicies(group) && matches(subject, group.labels);
}

interface Surroundings {
  readonly view: ClusterView;
  readonly lookup: NamespaceLookup;
  readonly budget: Budget;
  /** By the name of the namespace. */
  readonly sides: Map<string, OtherSide>;
}

/**
 * Those that the peer means, where all of them are closed to this side: named where they are of the request's own namespace,
 * else counted. Undefined where one is not, or nobody knows.
 */
function closedEverywhere(
  side: OneSide,
  around: Surroundings,
): { readonly others: string; readonly inShort: string } | undefined {
  const home = side.home.namespace.name;
  const names = namesMeant(side, around);
  if (names === undefined) return undefined;
  const own: WorkloadGroup[] = [];
  const others: WorkloadGroup[] = [];
  let namespaces = 0;
  for (const name of names) {
    const closed = sideIn(name, around)?.closed(side, around.budget);
    if (closed === undefined) return undefined;
    if (name === home) own.push(...closed);
    else others.push(...closed);
    if (name !== home && closed.length > 0) namespaces += 1;
  }
  if (own.length + others.length === 0) return undefined;
  const far = namespaces > 0 ? [`${countText(others)} of ${counted(namespaces, "other namespace")}`] : [];
  const told = (most: number): string =>
    [...(own.length > 0 ? [podNames(own, most)] : []), ...far].join(" and ");
  return { others: told(3), inShort: told(1) };
}

/** The namespaces that the peer means; undefined where they are too many to look at. */
function namesMeant({ peer, home }: OneSide, { lookup }: Surroundings): readonly string[] | undefined {
  if (peer.namespaces === "own") return [home.namespace.name];
  const meant = lookup.matching(peer.namespaces);
  if (meant === undefined || meant.length > mostNamespaces) return undefined;
  return meant.map(({ name }) => name);
}

function sideIn(name: string, { view, sides }: Surroundings): OtherSide | undefined {
  const standing = sides.get(name);
  const place = standing === undefined ? placeIn(name, view) : undefined;
  if (place === undefined) return standing;
  const side = new OtherSide(place);
  sides.set(name, side);
  return side;
}
