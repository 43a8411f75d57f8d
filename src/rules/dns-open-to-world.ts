// A rule that opens the port of DNS to anyone: without peers, or to ranges as good as all addresses. Names can then be
// asked of any server, which makes them a way out for data. Items that select pods are never meant.

import { z } from "zod";
import type { Path } from "../model/finding.ts";
import type { RuleContext } from "../model/rule.ts";
import type { PolicySubject } from "../model/subject.ts";
import { dnsAmong, dnsPorts, namedDnsPorts } from "../network/dns-ports.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import { describePorts } from "../network/ports.ts";
import { wideCovers } from "../network/range-cover.ts";
import { rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { resolverWords } from "./shared/dns-words.ts";
import { openingsOf } from "./shared/openings.ts";
import { foundIn, rangesOf } from "./shared/ranges.ts";

export const dnsOpenToWorld = defineRule({
  id: "dns-open-to-world",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "DNS open to the world",
    summary: "An egress rule opens the port of DNS without peers, or to ranges as good as all addresses.",
    why: "Whoever may ask any server for names can send data out in them and get answers back, past every proxy; and no resolver of the cluster logs it.",
    remediation: "Name the cluster's resolver as the peer.",
    references: ["https://attack.mitre.org/techniques/T1071/004/"],
  },
  messages: {
    open: {
      text: "{{ports}} may be reached at {{whom}}, not at the cluster's resolver alone: names can carry data to any server.",
      remedy:
        "Write there: to: [{{peers}}]; or remove it and apply what this prints: ringfence generate dns -n {{namespace}}{{flags}}",
      warning: "{{ports}} at {{whom}}; allow the resolver alone",
    },
    resolverUnknown: {
      text: "{{ports}} may be reached at {{whom}}: names can carry data to any server.",
      remedy: "Name the cluster's resolver under to; ringfence doctor dns says what is known of it.",
      warning: "{{ports}} at {{whom}}; name the resolver",
    },
  },
  check(subject, context) {
    const spec = subject.object?.spec;
    if (spec === undefined || !speaksOf(spec, "egress")) return [];
    const found = [...withoutPeers(subject, context), ...toRanges(subject, context)];
    if (found.length === 0) return [];
    const message = context.view.dns.known ? ("open" as const) : ("resolverUnknown" as const);
    const words = wordsFor(context.view.dns);
    return found.map(({ path, key, scope, ports, whom }) => ({
      message,
      path,
      key,
      scope,
      data: { ports, whom, namespace: subject.namespace, ...words },
    }));
  },
});

type Found = ReturnType<typeof openingsOf> & {
  readonly path: Path;
  readonly ports: string;
  /** Where it may be reached. */
  readonly whom: string;
};

function withoutPeers(subject: PolicySubject, { view }: RuleContext<unknown>): readonly Found[] {
  const rules = rulesOf(subject.object?.spec ?? {}, ["egress"], namesPortsAlone);
  if (rules.length === 0) return [];
  const dns = dnsPorts(view.dns);
  return rules.flatMap((rule) => {
    const ports = namedDnsPorts(rule.ports, dns);
    if (ports === undefined) return [];
    const opened = openingsOf(subject, "egress", [{ peers: "any", ports }]);
    return [{ path: rule.path, ...opened, ports: ports.text, whom: "any destination" }];
  });
}

function namesPortsAlone(peers: readonly NetworkPolicyPeer[], ports: readonly NetworkPolicyPort[]): boolean {
  return peers.length === 0 && ports.length > 0;
}

/** Ranges that reach a port of DNS by another rule, which names none, count with those that do. */
function toRanges(subject: PolicySubject, { view, budget }: RuleContext<unknown>): readonly Found[] {
  const ranges = rangesOf(subject.object?.spec, "egress");
  if (ranges.length === 0) return [];
  const dns = dnsPorts(view.dns);
  const byName = new Map(ranges.map(({ rule }) => [rule.index, namedDnsPorts(rule.ports, dns)]));
  if (ranges.every(({ rule }) => byName.get(rule.index) === undefined)) return [];
  const rules = new Map(ranges.map(({ rule }) => [rule.index, rule]));
  const entries = ranges.map(({ rule, entry }) => ({
    ...entry,
    ports: byName.get(rule.index) ?? dnsAmong(entry.ports, dns),
    // Where the others suffice without those that name it, it is for another rule to say.
    spare: byName.get(rule.index) !== undefined,
  }));
  return wideCovers(entries, budget)
    .filter((cover) => cover.entries.some(({ spare }) => spare === true))
    .map((cover) => {
      const { data, ...found } = foundIn(subject, "egress", cover, rules);
      const { ranges: told, where, families } = data;
      return {
        ...found,
        ports: describePorts(cover.ports),
        whom: `as good as any ${families} address (${told}${where})`,
      };
    });
}

function wordsFor(profile: DnsProfile) {
  if (!profile.known) return {};
  return resolverWords(profile)(profile.resolvers);
}
