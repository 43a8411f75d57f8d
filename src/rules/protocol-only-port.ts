// An item of `ports` with a protocol and no port: every port of that protocol. A rule without any `ports` is not meant: it
// says plainly that it is about peers alone.

import { z } from "zod";
import { compilePorts } from "../network/ports.ts";
import { directions, rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openedOn, openingsOf } from "./shared/openings.ts";

export const protocolOnlyPort = defineRule({
  id: "protocol-only-port",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Port with a protocol alone",
    summary: "An item of ports names a protocol and no port.",
    why: "It looks like a restriction and allows every port of the protocol. Mostly the number was lost, in a template or an indent.",
    remediation: "Write the port beside the protocol; if every port of the peers is meant, leave ports out.",
    references: ["https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/"],
  },
  messages: {
    noPort: {
      text: "{{protocol}} without a port allows every {{protocol}} port.",
      remedy:
        "Write the port beside it: {protocol: {{protocol}}, port: …}; if every port is meant, leave ports out.",
      warning: "{{protocol}} without a port allows every {{protocol}} port; write the port",
    },
    // Without peers and without ports it would be a rule that allows everything.
    toAnyone: {
      text: "{{protocol}} without a port allows every {{protocol}} port.",
      remedy: "Write the port beside it: {protocol: {{protocol}}, port: …}",
      warning: "{{protocol}} without a port allows every {{protocol}} port; write the port",
    },
  },
  check(subject) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return rulesOf(spec, directions, lacksPort)
      .filter(({ direction }) => speaksOf(spec, direction))
      .flatMap((rule) =>
        rule.ports.flatMap((item, index) => {
          const { ports, readable } = compilePorts([item]);
          if (!isProtocolAlone(item) || !readable || ports === "any") return [];
          return [
            {
              message: rule.peers.length === 0 ? ("toAnyone" as const) : ("noPort" as const),
              path: [...rule.path, "ports", index],
              ...openingsOf(subject, rule.direction, [openedOn(rule, ports)]),
              data: { protocol: item.protocol ?? "TCP" },
            },
          ];
        }),
      );
  },
});

function lacksPort(_peers: unknown, ports: readonly NetworkPolicyPort[]): boolean {
  for (const item of ports) if (isProtocolAlone(item)) return true;
  return false;
}

function isProtocolAlone({ port, endPort }: NetworkPolicyPort): boolean {
  return port === undefined && endPort === undefined;
}
