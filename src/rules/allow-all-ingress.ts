// An ingress rule with neither peers nor ports: it allows any source, inside and outside the cluster, on any port.

import { z } from "zod";
import { unrestrictedRules } from "../network/walk.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openingsOf } from "./shared/openings.ts";

export const allowAllIngress = defineRule({
  id: "allow-all-ingress",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Allow-all ingress",
    summary: "An ingress rule names neither peers nor ports.",
    why: "Such a rule allows any source, inside and outside the cluster, on any port. Policies add up: no other policy takes it back.",
    remediation: "Name the peers under from, or the ports, or both.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic",
    ],
  },
  messages: {
    open: {
      text: "a rule without peers and without ports allows any source, inside and outside the cluster, on any port.",
      remedy: "Name the peers under from, or the ports, or both.",
      warning: "allows any source, inside the cluster and outside; name peers or ports",
    },
  },
  check(subject) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return unrestrictedRules(spec, "ingress").map(({ path }) => ({
      message: "open" as const,
      path,
      ...openingsOf(subject, "ingress", [{ peers: "any", ports: "any" }]),
      data: {},
    }));
  },
});
