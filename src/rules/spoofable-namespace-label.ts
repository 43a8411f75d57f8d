// A peer that selects namespaces by a label which whoever may label a namespace can set. What cannot be set by them is the
// name, and the labels that configuration protects.

import { z } from "zod";
import { isProtectedLabel } from "../model/protected-labels.ts";
import type { RuleContext } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import { compileSelector, namespaceNameLabel, satisfiable, type Selector } from "../network/selector.ts";
import { directions, peersOf, selectorText } from "../network/walk.ts";
import type { LabelSelector } from "../wire/meta.ts";
import type { NetworkPolicyPeer } from "../wire/network-policy.ts";
import { countedNow } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openedBy, openingsOf } from "./shared/openings.ts";

export const spoofableNamespaceLabel = defineRule({
  id: "spoofable-namespace-label",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Spoofable namespace label",
    summary: "A peer selects namespaces by a label that is neither their name nor protected.",
    why: "Whoever may label a namespace, which many tenants may for their own, joins what the policy lets in. Only kubernetes.io/metadata.name is set by Kubernetes itself, and protected labels only by operators.",
    remediation:
      "Select namespaces by kubernetes.io/metadata.name, or have the label protected (configuration: protectedNamespaceLabels).",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name",
    ],
  },
  messages: {
    one: {
      text: "namespaces are selected by {{selector}} (now {{now}}): whoever may label a namespace can change {{labels}}.",
      remedy: "Write: kubernetes.io/metadata.name: {{name}}",
      warning: "{{labels}} can be spoofed; write kubernetes.io/metadata.name: {{name}}",
    },
    several: {
      text: "namespaces are selected by {{selector}} (now {{now}}): whoever may label a namespace can change {{labels}}.",
      remedy:
        "Select them by kubernetes.io/metadata.name, or have the label protected (configuration: protectedNamespaceLabels).",
      warning: "{{labels}} can be spoofed; select by kubernetes.io/metadata.name",
    },
  },
  check(subject, context) {
    const { settings, view, budget } = context;
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return peersOf(spec, directions, selectsByOther, { settings, budget }).flatMap((at) => {
      const { namespaceSelector = {}, podSelector } = at.peer;
      const compiled = compileSelector(namespaceSelector, "namespaces");
      if (compiled === undefined || isBoundByName(compiled)) return [];
      // What contradicts itself selects nothing, and another rule says so.
      if (!satisfiable(compiled) || !isSatisfiable(podSelector)) return [];
      const matching = view.namespaces?.matching(compiled);
      const only = matching?.length === 1 ? matching[0]?.name : undefined;
      return [
        {
          message: only === undefined ? ("several" as const) : ("one" as const),
          path: at.path,
          ...openingsOf(subject, at.rule.direction, [openedBy(at)]),
          data: {
            selector: selectorText(namespaceSelector),
            labels: others(compiled, settings).join(", "),
            now: countedNow(matching?.length, "namespace"),
            name: only ?? "",
          },
        },
      ];
    });
  },
});

function selectsByOther(
  { namespaceSelector }: NetworkPolicyPeer,
  { settings, budget }: Pick<RuleContext<unknown>, "settings" | "budget">,
): boolean {
  budget.tick();
  if (namespaceSelector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = namespaceSelector;
  for (const key in matchLabels) {
    if (Object.hasOwn(matchLabels, key) && isOther(key, settings)) return true;
  }
  for (const { key } of matchExpressions) if (isOther(key, settings)) return true;
  return false;
}

function isOther(key: string, settings: Settings): boolean {
  return key !== namespaceNameLabel && !isProtectedLabel(key, settings);
}

function isSatisfiable(podSelector: LabelSelector | undefined): boolean {
  const compiled = compileSelector(podSelector, "pods");
  return compiled !== undefined && satisfiable(compiled);
}

/** Those of certain names alone: other labels only take away from them. */
function isBoundByName({ constraints }: Selector): boolean {
  return constraints.get(namespaceNameLabel)?.complement === false;
}

function others({ constraints }: Selector, settings: Settings): readonly string[] {
  return [...constraints.keys()].filter((key) => isOther(key, settings));
}
