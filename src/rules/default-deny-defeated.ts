// The namespace's intent closes a direction, and a policy opens all of it again for all of the pods: what stands is a default
// deny that denies nothing.

import { z } from "zod";
import { deniedBy } from "../intent/denied.ts";
import type { ClusterView } from "../model/cluster-view.ts";
import { intentIn } from "../model/namespace-intent.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import type { Budget } from "../network/budget.ts";
import { isEverything, matches } from "../network/selector.ts";
import { directions, unrestrictedRules } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openingsOf } from "./shared/openings.ts";

export const defaultDenyDefeated = defineRule({
  id: "default-deny-defeated",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces"],
  options: z.strictObject({}),
  docs: {
    title: "Default deny defeated",
    summary:
      "In a namespace whose intent closes a direction, a policy opens all of it for all pods: a rule with neither peers nor ports.",
    why: "Policies add up. One rule that opens everything to every pod makes all others of that direction meaningless, the default deny of the intent first.",
    remediation:
      "Name peers, ports or the pods that are meant; or change the intent, which says that the direction is closed.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
    ],
  },
  messages: {
    defeated: {
      text: "this rule opens {{direction}} of {{pods}} {{peers}} on any port, and the intent of {{namespace}} closes it.",
      remedy: "Name {{peer}}, ports or the pods that are meant; or change the intent.",
      warning: "opens all {{direction}} of {{pods}}, which the intent closes",
    },
  },
  check(subject, { view, budget }) {
    const { compiled, namespace, object } = subject;
    if (compiled === undefined || object?.spec === undefined || compiled.companion) return [];
    const { spec } = object;
    // As it is written: of nearly all policies the entries need not be compiled for this.
    const open = directions.flatMap((direction) => unrestrictedRules(spec, direction).slice(0, 1));
    if (open.length === 0) return [];
    const intent = intentIn(view.intentOf(namespace));
    if (intent === undefined) return [];
    const closed = deniedBy(intent);
    const pods = selectsAll(compiled, view, budget);
    if (pods === undefined) return [];
    return open
      .filter(({ direction }) => closed[direction])
      .map(({ direction, path }) => ({
        message: "defeated" as const,
        path,
        ...openingsOf(subject, direction, [{ peers: "any", ports: "any" }]),
        data: { direction, namespace, pods, ...peersIn(direction) },
      }));
  },
});

/** How the pods are called where they are all of the namespace; undefined where they are not, or that is not known. */
function selectsAll({ subject, namespace }: CompiledPolicy, view: ClusterView, budget: Budget) {
  if (isEverything(subject)) return "all pods";
  const groups = view.workloads(namespace);
  if (groups === undefined || groups.length === 0) return undefined;
  for (const { labels } of groups) {
    budget.tick();
    if (!matches(subject, labels)) return undefined;
  }
  return "all pods that are there";
}

function peersIn(direction: Direction) {
  return direction === "ingress"
    ? { peers: "to everybody", peer: "who may come in" }
    : { peers: "to everything", peer: "where they may go" };
}
