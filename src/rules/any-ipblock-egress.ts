// Ranges of `to` that together, less their exceptions, are as good as every address: 15/16 of all of IPv4 or IPv6. On the ports
// of DNS alone that is another rule's.

import { z } from "zod";
import { defineRule } from "./shared/define-rule.ts";
import { anyIpBlock } from "./shared/ranges.ts";

export const anyIpBlockEgress = defineRule({
  id: "any-ipblock-egress",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Any address: egress",
    summary:
      "The ipBlocks of egress rules that share a port, other than that of DNS, hold at least 15/16 of all addresses of a family.",
    why: "It is the same as naming nobody: a pod that was taken over can send data anywhere. Many network plugins match pods by such ranges as well.",
    remediation: "Name the ranges that are meant; select what is in the cluster by pods and namespaces.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-ipblock-selectors",
    ],
  },
  messages: {
    wide: {
      text: "{{ranges}}{{where}}: 15/16 or more of all {{families}} addresses may be reached on {{ports}}, which is as good as any destination.",
      remedy: "Name the ranges that are meant; select what is in the cluster by pods and namespaces.",
      warning:
        "as good as any {{families}} address may be reached on {{ports}}; name the ranges that are meant",
    },
  },
  check(subject, context) {
    return anyIpBlock(subject, "egress", context);
  },
});
