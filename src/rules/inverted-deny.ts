// An allow rule that was meant as a deny: a namespaceSelector that only excludes, and what it excludes is the policy's own
// namespace. Policies only allow, so that "not in my namespace" opens the pods to every other namespace.

import { z } from "zod";
import { formatPath } from "../model/finding.ts";
import { compileSelector, everything, namespaceNameLabel, satisfiable } from "../network/selector.ts";
import { directions, peersOf, selectorText } from "../network/walk.ts";
import type { Budget } from "../network/budget.ts";
import type { LabelSelector } from "../wire/meta.ts";
import type { NetworkPolicyPeer } from "../wire/network-policy.ts";
import { countedNow } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podsText } from "./shared/dns-question.ts";
import { openedBy, openingsOf } from "./shared/openings.ts";

export const invertedDeny = defineRule({
  id: "inverted-deny",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Inverted deny",
    summary: "A rule that allows every namespace but the policy's own, which was meant to deny the others.",
    why: "Policies only allow, and what they allow adds up. A peer that excludes the policy's own namespace denies nothing: it opens the pods to all the other namespaces, those of other tenants among them.",
    remediation: "Remove the peer: a pod that a policy isolates is closed to whatever no rule allows.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
      "https://nvd.nist.gov/vuln/detail/CVE-2026-32737",
    ],
  },
  messages: {
    own: {
      text: "a policy cannot deny: this item allows {{pods}} of namespaces {{selector}} (now {{now}}), which are others than {{home}}.",
      remedy:
        "To close those remove {{remove}}: what no rule allows is closed. To allow some, name them by kubernetes.io/metadata.name.",
      warning: "allows {{selector}}; a policy cannot deny",
    },
    others: {
      advisory: true,
      text: "a policy cannot deny: this item allows {{pods}} of namespaces {{selector}} (now {{now}}).",
      remedy: "If a deny was meant remove {{remove}}: what no rule allows is closed.",
      warning: "allows {{selector}}; a policy cannot deny",
    },
  },
  check(subject, { view, budget }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return peersOf(spec, directions, onlyExcludes, budget).flatMap((at) => {
      const { namespaceSelector = {}, podSelector } = at.peer;
      const namespaces = compileSelector(namespaceSelector, "namespaces");
      const pods = podSelector === undefined ? everything("pods") : compileSelector(podSelector, "pods");
      if (namespaces === undefined || pods === undefined) return [];
      // What contradicts itself selects nothing, and another rule says so.
      if (!satisfiable(namespaces) || !satisfiable(pods)) return [];
      return [
        {
          message: excludes(namespaceSelector, subject.namespace) ? ("own" as const) : ("others" as const),
          path: at.path,
          ...openingsOf(subject, at.rule.direction, [openedBy(at)]),
          data: {
            pods: podsText({ subject: pods }),
            selector: selectorText(namespaceSelector),
            now: countedNow(view.namespaces?.matching(namespaces).length, "namespace"),
            home: subject.namespace,
            remove: formatPath(at.removable),
          },
        },
      ];
    });
  },
});

/** NotIn and DoesNotExist alone, by name among them. */
function onlyExcludes({ namespaceSelector }: NetworkPolicyPeer, budget: Budget): boolean {
  budget.tick();
  if (namespaceSelector === undefined) return false;
  const { matchLabels, matchExpressions = [] } = namespaceSelector;
  if (matchExpressions.length === 0 || Object.keys(matchLabels ?? {}).length > 0) return false;
  let byName = false;
  for (const { key, operator } of matchExpressions) {
    if (operator !== "NotIn" && operator !== "DoesNotExist") return false;
    byName ||= operator === "NotIn" && key === namespaceNameLabel;
  }
  return byName;
}

function excludes({ matchExpressions = [] }: LabelSelector, name: string): boolean {
  return matchExpressions.some(
    ({ key, operator, values }) =>
      key === namespaceNameLabel && operator === "NotIn" && values?.includes(name) === true,
  );
}
