// An egress rule with an ipBlock and the name of a port. Names are those of container ports: to an address there is no
// pod on which the name could be looked up. Of ingress the name is one of the policy's own pods, whoever asks.

import { z } from "zod";
import { rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const namedPortOnIpblock = defineRule({
  id: "named-port-on-ipblock",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Named port on an ipBlock",
    summary: "An egress rule to an ipBlock names a port by its name.",
    why: "The name of a port is declared by a container. An address outside of the cluster has no container, so that the rule opens nothing there.",
    remediation: "Write the number of the port.",
    references: [
      "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec",
    ],
  },
  messages: {
    unresolved: {
      text: "{{port}} is the name of a container's port, and addresses such as {{cidr}} have no containers: the rule does not open it to them.",
      remedy: "Write the number of the port.",
      warning: "only pods have names of ports, not {{cidr}}; write the number",
    },
  },
  check(subject, { budget }) {
    const spec = subject.object?.spec;
    if (spec === undefined || !speaksOf(spec, "egress")) return [];
    return rulesOf(spec, ["egress"], hasNameAndBlock).flatMap(({ path, peers, ports }) => {
      const block = peers.find(({ ipBlock }) => ipBlock !== undefined)?.ipBlock;
      const alone = peers.every(({ ipBlock }) => ipBlock !== undefined);
      const numbered = alone ? none : protocolsOfNumbers(ports);
      return ports.flatMap(({ port, protocol = "TCP" }, index) => {
        budget.tick();
        if (block === undefined || typeof port !== "string") return [];
        if (numbered.has(protocol)) return [];
        return [
          {
            message: "unresolved" as const,
            path: [...path, "ports", index],
            key: `${port}/${protocol}`,
            data: { port, cidr: block.cidr },
          },
        ];
      });
    });
  },
});

function hasNameAndBlock(peers: readonly NetworkPolicyPeer[], ports: readonly NetworkPolicyPort[]): boolean {
  for (const { port } of ports) {
    if (typeof port === "string") return peers.some(({ ipBlock }) => ipBlock !== undefined);
  }
  return false;
}

/** In a list of pods and addresses: numbers that stand beside a name may be meant for the addresses. */
function protocolsOfNumbers(ports: readonly NetworkPolicyPort[]): ReadonlySet<string> {
  const numbers = ports.filter(({ port }) => typeof port !== "string");
  return new Set(numbers.map(({ protocol = "TCP" }) => protocol));
}

const none: ReadonlySet<string> = new Set();
