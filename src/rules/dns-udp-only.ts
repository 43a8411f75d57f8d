// DNS is allowed over UDP and not over TCP. It works until an answer is longer than a datagram: the resolver then says
// "truncated", the client asks again over TCP, and that is dropped.

import { z } from "zod";
import type { PolicySubject } from "../model/subject.ts";
import { dnsTcpMissing, type DnsTcpMissing } from "../network/dns-egress.ts";
import type { DnsResolver } from "../network/dns-profile.ts";
import type { JsonPatchOperation } from "../wire/json-patch.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { describePods, describePodsShort, dnsQuestion, podsText, scopeOf } from "./shared/dns-question.ts";
import { placeOf, type Place } from "./shared/set-place.ts";

export const dnsUdpOnly = defineRule({
  id: "dns-udp-only",
  profile: "restricted",
  since: "v1",
  curable: true,
  judges: "set",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: ["namespaces", "policies", "workloads", "dns"],
  options: z.strictObject({}),
  docs: {
    title: "DNS over UDP only",
    summary: "Pods may ask the cluster's DNS over UDP and not over TCP.",
    why: "An answer that does not fit into a datagram is asked for again over TCP. Without TCP just those names fail that have many addresses or long records.",
    remediation: "Allow the same port over TCP beside UDP.",
    references: ["https://www.rfc-editor.org/rfc/rfc7766"],
  },
  messages: {
    udpOnly: {
      text: "{{where}}{{pods}} may ask {{resolver}} over UDP and not over TCP; answers that do not fit into a datagram are lost.",
      remedy: "Add beside the UDP port{{of}}: {protocol: TCP, port: {{port}}}",
      warning: "{{where}}no DNS over TCP for {{inShort}}; add {protocol: TCP, port: {{port}}}{{to}}",
    },
  },
  check(subject, context) {
    const question = dnsQuestion(subject, context);
    if (question === undefined) return [];
    return dnsTcpMissing(question.set, question.context).map((item) => ({
      message: "udpOnly" as const,
      path: placeOfPort(item, subject).path,
      key: item.resolver.name,
      scope: scopeOf(item.scope),
      data: {
        where: placeOfPort(item, subject).where,
        ...elsewhere(item, subject),
        pods: describePods(item, podsText({ subject: item.selector })),
        inShort: describePodsShort(item.scope, podsText({ subject: item.selector })),
        resolver: item.resolver.name,
        port: tcpPorts(item.resolver)[0] ?? 53,
      },
    }));
  },
  fix: {
    class: "widening",
    warning: "the TCP port was appended beside the UDP port of DNS",
    operations(subject, context) {
      const question = dnsQuestion(subject, context);
      if (question === undefined) return [];
      const added = new Map<string, JsonPatchOperation[]>();
      for (const { entries, resolver } of dnsTcpMissing(question.set, question.context)) {
        for (const { policy, entry } of entries) {
          if (policy.name !== subject.compiled?.name) continue;
          for (const port of tcpPorts(resolver)) {
            added.set(`${entry.index} ${port}`, appendTcp(subject, entry.index, port, resolver));
          }
        }
      }
      return [...added.values()].flat();
    },
  },
});

/** The policy with the UDP port, where it is another than the request's own. */
function elsewhere({ entries }: DnsTcpMissing, subject: PolicySubject): { of: string; to: string } {
  const names = entries.map(({ policy }) => policy.name);
  const [name] = names;
  if (name === undefined || names.includes(subject.compiled?.name ?? "")) return { of: "", to: "" };
  return { of: ` of policy ${name}`, to: ` to policy ${name}` };
}

/** The UDP port in the request's own policy where there is one. */
function placeOfPort(item: DnsTcpMissing, subject: PolicySubject): Place {
  const own = item.entries.find(({ policy }) => policy.name === subject.compiled?.name);
  if (own === undefined) return placeOf(subject, "egress");
  return { path: ["spec", "egress", own.entry.index, "ports"], where: "" };
}

function tcpPorts(resolver: DnsResolver): number[] {
  const ports = resolver.endpoints.flatMap((endpoint) => endpoint.ports);
  return [...new Set(ports.filter(({ protocol }) => protocol === "TCP").map(({ port }) => port))];
}

/** One `add` behind the ports of the entry, guarded by a `test` of the UDP port that it stands beside. */
function appendTcp(
  subject: PolicySubject,
  index: number,
  port: number,
  resolver: DnsResolver,
): JsonPatchOperation[] {
  const ports = subject.object?.spec?.egress?.[index]?.ports ?? [];
  const beside = ports.findIndex(
    (written) => written.protocol === "UDP" && speaksOf(written, port, resolver),
  );
  const udp = ports[beside];
  if (udp === undefined) return [];
  return [
    { op: "test", path: `/spec/egress/${index}/ports/${beside}`, value: udp },
    { op: "add", path: `/spec/egress/${index}/ports/-`, value: { protocol: "TCP", port } },
  ];
}

/** Whether a UDP port as written holds the port on which the resolver listens. */
function speaksOf({ port, endPort }: NetworkPolicyPort, target: number, resolver: DnsResolver): boolean {
  if (port === undefined) return true;
  if (typeof port === "number") return port <= target && target <= (endPort ?? port);
  return resolver.endpoints.some(({ namedPorts }) =>
    namedPorts.some((named) => named.name === port && named.protocol === "UDP" && named.port === target),
  );
}
