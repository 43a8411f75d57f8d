// A port over SCTP in a cluster whose network plugin does not know SCTP. Said only where that is certain.

import { z } from "zod";
import { directions, rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { cureText, gapOf } from "./shared/plugin-gap.ts";

export const sctpUnsupported = defineRule({
  id: "sctp-unsupported",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "SCTP that is not supported",
    summary: "A rule has a port over SCTP, and the cluster's network plugin does not support SCTP.",
    why: "The API server stores SCTP for every plugin. One that does not support it does not open the port, whatever the policy says.",
    remediation: "Have SCTP switched on in the plugin, or carry the traffic over TCP or UDP.",
    references: ["https://kubernetes.io/docs/reference/networking/service-protocols/#protocol-sctp"],
  },
  messages: {
    sctp: {
      text: "{{plugin}}, which enforces policies here, does not support SCTP: {{port}} is not opened as written.",
      remedy: "Use TCP or UDP{{cure}}.",
      warning: "{{plugin}} does not support SCTP; {{port}} is not opened as written",
    },
  },
  check(subject, { view }) {
    const spec = subject.object?.spec;
    const gap = gapOf(view.cni, "SCTP");
    if (spec === undefined || gap === undefined) return [];
    const inForce = directions.filter((direction) => speaksOf(spec, direction));
    return rulesOf(spec, inForce, hasSctp).flatMap(({ direction, path, ports }) =>
      ports.flatMap((item, index) => {
        if (item.protocol !== "SCTP") return [];
        const port = portText(item);
        return [
          {
            message: "sctp" as const,
            path: [...path, "ports", index],
            key: `${direction} ${port}`,
            data: { plugin: gap.plugin, port, cure: cureText(gap) },
          },
        ];
      }),
    );
  },
});

function hasSctp(_peers: unknown, ports: readonly NetworkPolicyPort[]): boolean {
  return ports.some(({ protocol }) => protocol === "SCTP");
}

/** `3868/SCTP`, `3868-3870/SCTP`, `all/SCTP`. */
function portText({ port = "all", endPort }: NetworkPolicyPort): string {
  return `${port}${endPort === undefined ? "" : `-${endPort}`}/SCTP`;
}
