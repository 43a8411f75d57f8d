// An egress rule with neither peers nor ports: it allows any destination, inside and outside the cluster, on any port.

import { z } from "zod";
import { unrestrictedRules } from "../network/walk.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openingsOf } from "./shared/openings.ts";

export const allowAllEgress = defineRule({
  id: "allow-all-egress",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Allow-all egress",
    summary: "An egress rule names neither peers nor ports.",
    why: "Such a rule allows any destination, inside and outside the cluster, on any port. Policies add up: no other policy takes it back.",
    remediation: "Name the peers under to, and the ports where they are known.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-egress-traffic",
    ],
  },
  messages: {
    open: {
      text: "a rule without peers and without ports allows any destination, inside and outside the cluster, on any port.",
      remedy: "Name the peers under to, and the ports where they are known.",
      warning: "allows any destination, inside the cluster and outside; name peers",
    },
  },
  check(subject) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return unrestrictedRules(spec, "egress").map(({ path }) => ({
      message: "open" as const,
      path,
      ...openingsOf(subject, "egress", [{ peers: "any", ports: "any" }]),
      data: {},
    }));
  },
});
