// An egress rule that names ports and no peers: any destination, inside the cluster and outside. For the ports of DNS that
// is another rule's.

import { z } from "zod";
import { dnsPorts, portsBesideDns } from "../network/dns-ports.ts";
import { describePorts, isEmptyPorts } from "../network/ports.ts";
import { rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openingsOf } from "./shared/openings.ts";

export const anyPeerOnPorts = defineRule({
  id: "any-peer-on-ports",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Any peer on ports",
    summary: "An egress rule names ports other than those of DNS, and no peers.",
    why: "A port says nothing of who answers on it: a rule for the API server on 443 is one for any host on the internet, and for any pod.",
    remediation: "Name the peers under to.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource",
    ],
  },
  messages: {
    anyone: {
      text: "{{ports}} may be reached at any destination, inside and outside the cluster: the rule names no peers.",
      remedy:
        "Name the peers under to: pods and namespaces by selectors, what is outside the cluster by ipBlock.",
      warning: "{{ports}} at any destination, inside the cluster and outside; name peers",
    },
  },
  check(subject, { view }) {
    const spec = subject.object?.spec;
    if (spec === undefined || !speaksOf(spec, "egress")) return [];
    const rules = rulesOf(spec, ["egress"], namesPortsAlone);
    if (rules.length === 0) return [];
    const dns = dnsPorts(view.dns);
    return rules.flatMap((rule) => {
      const ports = portsBesideDns(rule.ports, dns);
      if (ports !== "any" && isEmptyPorts(ports)) return [];
      return [
        {
          message: "anyone" as const,
          path: rule.path,
          ...openingsOf(subject, "egress", [{ peers: "any", ports }]),
          data: { ports: describePorts(ports) },
        },
      ];
    });
  },
});

function namesPortsAlone(peers: readonly NetworkPolicyPeer[], ports: readonly NetworkPolicyPort[]): boolean {
  return peers.length === 0 && ports.length > 0;
}
