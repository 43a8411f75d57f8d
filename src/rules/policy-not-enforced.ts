// A policy in a cluster in which nothing enforces policies. Said only where that is proven: what is unknown is not warned of.

import { z } from "zod";
import { defineRule } from "./shared/define-rule.ts";

export const policyNotEnforced = defineRule({
  id: "policy-not-enforced",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "change",
  everywhere: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Policy that nothing enforces",
    summary: "The cluster's network plugin does not enforce NetworkPolicies, and no engine beside it does.",
    why: "The API server stores every policy, whether anything enforces it or not. Where nothing does, pods reach each other as if there were no policy, and nobody is told.",
    remediation:
      "Look at what ringfence doctor cni says; switch policies on where the plugin can, or install an engine that enforces them.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites"],
  },
  messages: {
    "no-effect": {
      text: "nothing in this cluster enforces NetworkPolicies ({{plugins}}): this one is stored and has no effect.",
      remedy: "Ask those who run the cluster to install an engine; ringfence doctor cni says what was found.",
      warning: "nothing in this cluster enforces NetworkPolicies ({{plugins}}): this policy has no effect",
    },
  },
  check(_subject, { view: { cni } }) {
    if (cni?.verdict !== "not-enforced") return [];
    const plugins = cni.plugins.map(({ title }) => title).join(", ");
    return [{ message: "no-effect" as const, path: [], key: "no-effect", data: { plugins } }];
  },
});
