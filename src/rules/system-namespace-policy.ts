// A policy that isolates pods of a namespace which runs the cluster. The cluster's own pods are seldom listed anywhere with all that
// they need, and what closes them closes DNS, webhooks or the network itself for everybody.

import { z } from "zod";
import type { AllowEntry } from "../network/policy.ts";
import { directions } from "../network/walk.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podsText } from "./shared/dns-question.ts";

export const systemNamespacePolicy = defineRule({
  id: "system-namespace-policy",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  everywhere: true,
  system: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Policy in a system namespace",
    summary: "A policy isolates pods of a namespace that runs the cluster.",
    why: "DNS, webhooks, metrics and network plugins are asked by every namespace, by nodes and by the API server, which no selector matches. A policy that forgets one of them stops it for the whole cluster.",
    remediation: "Leave isolation there to those who run the cluster, and test it outside of production.",
    references: [
      "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces",
    ],
  },
  messages: {
    isolates: {
      text: "{{namespace}} runs the cluster, and this policy closes {{direction}} of {{pods}} there.",
      remedy: "Make sure that all who need them are allowed, nodes and the API server included.",
      warning: "closes {{direction}} of {{pods}} in {{namespace}}, which runs the cluster",
    },
  },
  check({ compiled, namespace }, { settings }) {
    if (compiled === undefined || !settings.systemNamespaces.names.has(namespace)) return [];
    if (compiled.terminating) return [];
    return directions
      .filter((direction) => compiled.isolates[direction] && !compiled[direction].some(isOpen))
      .map((direction) => ({
        message: "isolates" as const,
        path: [],
        key: direction,
        scope: { kind: "selector" as const, selector: compiled.subject },
        data: { namespace, direction, pods: podsText(compiled) },
      }));
  },
});

/** It takes back all that the policy closes. */
function isOpen({ peers, ports }: AllowEntry): boolean {
  return peers === "any" && ports === "any";
}
