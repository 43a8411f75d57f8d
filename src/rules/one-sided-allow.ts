// A rule that the policies of the other side undo: it lets pods in whose own egress is closed to here, or out to pods whose ingress
// is closed to these. Both sides have to allow a connection. Said where it is so for all pods that the peer means now.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import { closedByOtherSide, type OneSide } from "../network/other-side.ts";
import { peerText, type CompiledPolicy } from "../network/policy.ts";
import { matches } from "../network/selector.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import { defineRule } from "./define-rule.ts";
import { placeIn, placesMeant } from "./places.ts";
import { counted, countText, podNames } from "./pod-words.ts";
import { podPeers } from "./pod-peers.ts";

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
    const home = placeIn(subject.namespace, view);
    if (compiled === undefined || home === undefined) return [];
    const own = home.groups.filter((group) => isConcerned(compiled, group));
    if (own.length === 0) return [];
    return podPeers(compiled).flatMap(({ peer, entry, path, direction }) => {
      const side = { policy: compiled, direction, entry, peer, own, home };
      const found = closedEverywhere(side, view, budget);
      if (found === undefined) return [];
      const data = { peer: peerText(peer), ...found, own: podNames(own, 1) };
      return [{ message: direction, path, key: `${direction} ${peerText(peer)}`, data }];
    });
  },
});

/** Whether the policy acts on the group: it runs or will, on the network of pods, and is selected. */
function isConcerned({ subject }: CompiledPolicy, group: WorkloadGroup): boolean {
  return !group.hostNetwork && !group.terminating && !group.finished && matches(subject, group.labels);
}

/**
 * Those that the peer means, where all of them are closed to this side: named where they are of the request's own namespace,
 * else counted. Undefined where one is not, or nobody knows.
 */
function closedEverywhere(
  side: OneSide,
  view: ClusterView,
  budget: Budget,
): { readonly others: string; readonly inShort: string } | undefined {
  const home = side.home.namespace.name;
  const own: WorkloadGroup[] = [];
  const others: WorkloadGroup[] = [];
  let namespaces = 0;
  const places = placesMeant(side.peer, side.home, view);
  if (places === undefined) return undefined;
  for (const place of places) {
    const closed = closedByOtherSide(side, place, budget);
    if (closed === undefined) return undefined;
    if (closed.length === 0) continue;
    if (place.namespace.name === home) own.push(...closed);
    else {
      namespaces += 1;
      others.push(...closed);
    }
  }
  if (own.length + others.length === 0) return undefined;
  const far = namespaces > 0 ? [`${countText(others)} of ${counted(namespaces, "other namespace")}`] : [];
  const told = (most: number): string =>
    [...(own.length > 0 ? [podNames(own, most)] : []), ...far].join(" and ");
  return { others: told(3), inShort: told(1) };
}
