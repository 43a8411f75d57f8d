// A range of ports that is wider than anything an application needs: as good as any port.

import { z } from "zod";
import { compilePorts, protocols, size } from "../network/ports.ts";
import { directions, rulesOf, speaksOf, type RuleAt } from "../network/walk.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openedOn, openingsOf } from "./shared/openings.ts";

export const widePortRange = defineRule({
  id: "wide-port-range",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({
    widest: z
      .int()
      .min(1)
      .max(65_535)
      .default(1024)
      .describe("So many ports a range may have; a wider one is a finding."),
  }),
  docs: {
    title: "Wide port range",
    summary: "A range of ports is wider than configured.",
    why: "A rule with such a range allows as good as any port: whatever else listens there is open with it, debug and admin ports among them.",
    remediation: "Name the ports, or a narrower range.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-range-of-ports",
    ],
  },
  messages: {
    wide: {
      text: "{{range}} are {{count}} ports, more than the {{widest}} that configuration allows (rules.wide-port-range.widest).",
      remedy: "Name the ports that are meant, or a narrower range.",
      warning: "{{range}} are {{count}} ports, more than the {{widest}} allowed",
    },
  },
  check(subject, { options: { widest } }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return rulesOf(spec, directions, hasRange)
      .filter(({ direction }) => speaksOf(spec, direction))
      .flatMap((rule) =>
        wideRanges(rule, widest).map(({ range, count, path }) => ({
          message: "wide" as const,
          path,
          ...openingsOf(subject, rule.direction, [openedOn(rule, range)]),
          data: { range: range.text, count, widest },
        })),
      );
  },
});

function hasRange(_peers: unknown, ports: readonly NetworkPolicyPort[]): boolean {
  for (const { endPort } of ports) if (endPort !== undefined) return true;
  return false;
}

/** Ranges as they are together: two that adjoin are one. */
function wideRanges({ ports, path }: RuleAt, widest: number) {
  const numbered = ports.filter(({ port }) => typeof port === "number");
  const together = compilePorts(numbered).ports;
  if (together === "any") return [];
  return protocols.flatMap((protocol) =>
    together[protocol].intervals.flatMap((interval) => {
      const count = size([interval]);
      const [port, endPort] = interval;
      const range = compilePorts([{ protocol, port, endPort }]).ports;
      if (count <= widest || range === "any") return [];
      const written = ports.findIndex((item) => item.port === port && item.endPort === endPort);
      return [{ range, count, path: [...path, "ports", ...(written < 0 ? [] : [written])] }];
    }),
  );
}
