// The last policy that closes a direction of running pods is deleted, or changed so that it closes it no more. Without any
// isolating policy a pod is open to everybody. Pods that go as well do not count: those that end, and those whose workload is
// deleted; and a namespace that is deleted, and the cluster's own controllers, are let alone.

import { z } from "zod";
import type { WorkloadGroup } from "../network/workloads.ts";
import { clusterControllers } from "./shared/cluster-accounts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { isolationShifts } from "./shared/isolation-question.ts";
import { podCount, podNames } from "./shared/pod-words.ts";

export const lastIsolatingPolicyDeletion = defineRule({
  id: "last-isolating-policy-deletion",
  profile: "restricted",
  since: "v1",
  curable: false,
  // The workload was perhaps deleted a moment before, or the policy that replaces this one created.
  awaitsView: true,
  judges: "change",
  kind: "NetworkPolicy",
  operations: ["UPDATE", "DELETE"],
  needs: ["namespaces", "policies", "workloads"],
  options: z.strictObject({}),
  docs: {
    title: "Deletion of the last isolating policy",
    summary: "A deletion or an update leaves running pods open in a direction that was closed.",
    why: "Each policy but the last one that is deleted makes its pods more closed or leaves them as they are. Without the last one they are open to everybody, and nothing tells.",
    remediation: "Create the policy that replaces it first, then delete or change the old one.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    deleted: {
      text: "no other policy closes {{direction}} of {{pods}}: without this one {{open}}.",
      remedy: "Create the policy that replaces it first, then delete this one; or delete the workload first.",
      warning: "no other policy closes {{direction}} of {{inShort}}; create its replacement first",
    },
    updated: {
      text: "no other policy closes {{direction}} of {{pods}}, and this one would no longer: {{open}}.",
      remedy: "Create the policy that closes it first, then change this one.",
      warning: "no policy closes {{direction}} of {{inShort}} any more; create the one that does first",
    },
    unknown: {
      unknown: true,
      text: "no other policy closes {{direction}} of {{pods}}, and whether they stay is unknown: what controls them is of a kind that is not followed.",
      remedy: "Create the policy that replaces it first, unless the pods go as well.",
      warning: "no other policy closes {{direction}} of {{inShort}}; whether they stay is unknown",
    },
  },
  check(subject, { view, budget }) {
    const namespace = view.namespaces?.get(subject.namespace);
    if (namespace === undefined || namespace.terminating || clusterControllers.has(subject.user.name))
      return [];
    return isolationShifts(subject, view, "opened", budget).flatMap(({ direction, groups }) => {
      const found = (message: "deleted" | "updated" | "unknown", pods: readonly WorkloadGroup[]) =>
        pods.length === 0
          ? []
          : [
              {
                message,
                path: subject.operation === "DELETE" ? [] : ["spec"],
                key: direction,
                scope: { kind: "elements" as const, ids: new Set(pods.map(({ id }) => id)) },
                data: {
                  direction,
                  pods: podNames(pods, 3),
                  inShort: podNames(pods, 1),
                  open: opened(direction, podCount(pods)),
                },
              },
            ];
      return [
        ...found(
          subject.operation === "DELETE" ? "deleted" : "updated",
          groups.filter(({ root }) => root === undefined),
        ),
        ...found(
          "unknown",
          groups.filter(({ root }) => root === "unknown"),
        ),
      ];
    });
  },
});

function opened(direction: string, pods: number): string {
  const [it, they] = pods === 1 ? ["it", "it"] : ["them", "they"];
  if (direction === "ingress") return `everybody can reach ${it}`;
  if (direction === "egress") return `${they} can reach everything`;
  return `everybody can reach ${it}, and ${they} everything`;
}
