// A policy for all pods of its namespace that opens something: it does so for every pod, those that come later included. Default
// deny, DNS and traffic within the namespace are what such policies are for; nothing is said of them.

import { z } from "zod";
import { dnsPorts } from "../network/dns-ports.ts";
import type { AllowEntry } from "../network/policy.ts";
import { isEmptyPorts, subtractPorts, type PortSet } from "../network/ports.ts";
import { isEverything } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";

export const namespaceWideSelector = defineRule({
  id: "namespace-wide-selector",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Namespace-wide selector",
    summary: "An allow rule applies to every pod of the namespace, those that come later included.",
    why: "With an empty podSelector a rule that one workload needs opens every other as well, the database beside the web server and what is deployed next year.",
    remediation:
      "Select the pods that need the rule, and leave the empty podSelector to default deny and DNS.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
    ],
  },
  messages: {
    wide: {
      text: "{{rules}} for {{direction}} {{apply}} to every pod of {{namespace}}, those that come later included.",
      remedy: "Select the pods that need {{them}}.",
      warning: "{{rules}} for {{direction}} {{apply}} to every pod of {{namespace}}, now and later",
    },
  },
  check({ compiled, namespace }, { view }) {
    if (compiled === undefined || !isEverything(compiled.subject)) return [];
    if (directions.every((direction) => compiled[direction].length === 0)) return [];
    const dns = dnsPorts(view.dns);
    return directions.flatMap((direction) => {
      const wide = compiled[direction].filter((entry) => !isUsual(entry, dns));
      if (wide.length === 0) return [];
      const [apply, them] = wide.length === 1 ? ["applies", "it"] : ["apply", "them"];
      const data = { rules: counted(wide.length, "rule"), direction, apply, them, namespace };
      const scope = { kind: "amount" as const, amount: wide.length };
      return [{ message: "wide" as const, path: ["spec", "podSelector"], key: direction, scope, data }];
    });
  },
});

/** DNS, or all pods of the namespace among themselves. */
function isUsual({ peers, ports }: AllowEntry, dns: PortSet): boolean {
  if (ports !== "any" && isEmptyPorts(subtractPorts(ports, dns))) return true;
  return (
    peers !== "any" &&
    peers.every((peer) => peer.kind === "pods" && peer.namespaces === "own" && isEverything(peer.pods))
  );
}
