// An item of `to` with an empty namespaceSelector and no podSelector, on other ports than those of DNS: every pod of the cluster
// may be reached.

import { z } from "zod";
import { allNamespaces } from "./shared/all-namespaces.ts";
import { defineRule } from "./shared/define-rule.ts";

export const allNamespacesEgress = defineRule({
  id: "all-namespaces-egress",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "All namespaces: egress",
    summary: "An item of to selects every namespace and all of its pods, on other ports than those of DNS.",
    why: "A pod that was taken over can go on to any other of the cluster, in whatever namespace.",
    remediation: "Name the namespaces by kubernetes.io/metadata.name.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
    ],
  },
  messages: {
    all: {
      text: "every pod of every namespace (now {{now}}), and of those to come, may be reached on {{ports}}.",
      remedy:
        "Name the namespaces that are meant by kubernetes.io/metadata.name; for the policy's own write podSelector: {} alone.",
      warning: "every pod of every namespace on {{ports}}; name the namespaces",
    },
  },
  check(subject, context) {
    return allNamespaces(subject, "egress", context);
  },
});
