// An item of `from` with an empty namespaceSelector and no podSelector: every pod of the cluster may connect.

import { z } from "zod";
import { allNamespaces } from "./shared/all-namespaces.ts";
import { defineRule } from "./shared/define-rule.ts";

export const allNamespacesIngress = defineRule({
  id: "all-namespaces-ingress",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "All namespaces: ingress",
    summary: "An item of from selects every namespace and all of its pods.",
    why: "Every pod of the cluster may connect, those of other tenants and of namespaces that are yet to come among them. Only what is outside the cluster stays out.",
    remediation: "Name the namespaces by kubernetes.io/metadata.name.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
    ],
  },
  messages: {
    all: {
      text: "every pod of every namespace (now {{now}}), and of those to come, may connect on {{ports}}.",
      remedy:
        "Name the namespaces that are meant by kubernetes.io/metadata.name; for the policy's own write podSelector: {} alone.",
      warning: "every pod of every namespace on {{ports}}; name the namespaces",
    },
  },
  check(subject, context) {
    return allNamespaces(subject, "ingress", context);
  },
});
