// More rules, peers, ports or requirements than configured. The limits lie far above any policy written by people; they
// bound what one object may cost at every later admission.

import { z } from "zod";
import type { LabelSelector } from "../wire/meta.ts";
import type { NetworkPolicyPeer, NetworkPolicySpec } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const tooComplex = defineRule({
  id: "too-complex",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  bounds: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Too complex",
    summary: "A policy has more rules, peers, ports or selector requirements than configured.",
    why: "Every network plugin pays for each of them on each node, and many drop what is beyond limits of their own without a word.",
    remediation:
      "Split the policy by the pods it selects, or select peers by labels instead of listing them.",
    references: [],
  },
  messages: {
    more: {
      text: "{{count}} {{what}}, more than the {{limit}} that configuration allows (limits.{{what}}).",
      remedy: "Split the policy by the pods it selects, or select peers by labels instead of listing them.",
      warning: "{{count}} {{what}}, more than the {{limit}} allowed",
    },
  },
  check(subject, { settings }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    const counts = count(spec);
    return (["rules", "peers", "ports", "requirements"] as const)
      .filter((what) => counts[what] > settings.limits[what])
      .map((what) => ({
        message: "more" as const,
        path: ["spec"],
        key: what,
        scope: { kind: "amount" as const, amount: counts[what] },
        data: { what, count: counts[what], limit: settings.limits[what] },
      }));
  },
});

type Counts = Record<"rules" | "peers" | "ports" | "requirements", number>;

function count({ podSelector, ingress = [], egress = [] }: NetworkPolicySpec): Counts {
  const counts = { rules: ingress.length + egress.length, peers: 0, ports: 0, requirements: 0 };
  countSelector(counts, podSelector);
  for (const { from, ports } of ingress) countRule(counts, from, ports);
  for (const { to, ports } of egress) countRule(counts, to, ports);
  return counts;
}

function countRule(
  counts: Counts,
  peers: readonly NetworkPolicyPeer[] = [],
  ports: readonly unknown[] = [],
): void {
  counts.peers += peers.length;
  counts.ports += ports.length;
  for (const { podSelector, namespaceSelector } of peers) {
    countSelector(counts, podSelector);
    countSelector(counts, namespaceSelector);
  }
}

function countSelector(counts: Counts, selector: LabelSelector | undefined): void {
  if (selector !== undefined) counts.requirements = Math.max(counts.requirements, requirements(selector));
}

/** Without a list of the keys: this is asked of every selector of every policy. */
function requirements({ matchLabels, matchExpressions }: LabelSelector): number {
  let count = 0;
  for (const key in matchLabels) if (Object.hasOwn(matchLabels, key)) count++;
  if (matchExpressions === undefined) return count;
  for (const { values } of matchExpressions) count += 1 + (values?.length ?? 0);
  return count;
}
