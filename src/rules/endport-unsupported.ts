// A range of ports in a cluster whose network plugin does not implement endPort. Said only where that is certain.

import { z } from "zod";
import { rulesOf, speaksOf, directions } from "../network/walk.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { cureText, gapOf } from "./shared/plugin-gap.ts";

export const endportUnsupported = defineRule({
  id: "endport-unsupported",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "endPort that is not supported",
    summary: "A rule has a range of ports, and the cluster's network plugin does not implement endPort.",
    why: "The API server stores endPort for every plugin. One that does not know it opens the first port of the range alone, or leaves the rule out.",
    remediation: "Write each port that is needed as an item of its own, or have the plugin updated.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-range-of-ports",
    ],
  },
  messages: {
    range: {
      text: "{{plugin}}, which enforces policies here, does not implement endPort: the ports {{range}} are not opened as written.",
      remedy: "Write each port that is needed as an item of its own{{cure}}.",
      warning: "{{plugin}} does not implement endPort; write {{range}} one by one",
    },
  },
  check(subject, { view }) {
    const spec = subject.object?.spec;
    const gap = gapOf(view.cni, "endPort");
    if (spec === undefined || gap === undefined) return [];
    const inForce = directions.filter((direction) => speaksOf(spec, direction));
    return rulesOf(spec, inForce, hasRange).flatMap(({ direction, path, ports }) =>
      ports.flatMap((item, index) => {
        if (!isRange(item)) return [];
        const range = `${item.port}-${item.endPort}/${item.protocol ?? "TCP"}`;
        return [
          {
            message: "range" as const,
            path: [...path, "ports", index],
            key: `${direction} ${range}`,
            data: { plugin: gap.plugin, range, cure: cureText(gap) },
          },
        ];
      }),
    );
  },
});

function hasRange(_peers: unknown, ports: readonly NetworkPolicyPort[]): boolean {
  return ports.some(isRange);
}

/** One that ends where it begins means the same without its end. */
function isRange(item: NetworkPolicyPort): item is NetworkPolicyPort & { port: number; endPort: number } {
  return typeof item.port === "number" && item.endPort !== undefined && item.endPort > item.port;
}
