// What the rules about ranges as good as all addresses have in common, and how they speak of them.

import type { Path } from "../../model/finding.ts";
import type { RuleContext } from "../../model/rule.ts";
import type { PolicySubject } from "../../model/subject.ts";
import type { Block } from "../../network/cidr.ts";
import { dnsPorts, portsBesideDns } from "../../network/dns-ports.ts";
import { compilePeer } from "../../network/dialects/kubernetes.ts";
import { listed } from "../../network/listed.ts";
import { peerText, type IpBlockPeer } from "../../network/policy.ts";
import { compilePorts, describePorts } from "../../network/ports.ts";
import {
  blocksCoverMost,
  mayCoverMost,
  wideCovers,
  type RangeEntry,
  type WideCover,
} from "../../network/range-cover.ts";
import { rulesOf, speaksOf, type RuleAt } from "../../network/walk.ts";
import type { Direction, NetworkPolicyPeer, NetworkPolicySpec } from "../../wire/network-policy.ts";
import { openingsOf } from "./openings.ts";

/** Rules of the direction with their ranges; none where those could not be as good as all addresses. */
export function rangesOf(
  spec: NetworkPolicySpec | undefined,
  direction: Direction,
): readonly { readonly rule: RuleAt; readonly entry: RangeEntry }[] {
  if (spec === undefined || !speaksOf(spec, direction) || !mayCoverMost(spec, direction)) return [];
  return rulesOf(spec, [direction], hasRanges).map((rule) => ({
    rule,
    entry: { index: rule.index, blocks: blocksOf(rule), ports: compilePorts(rule.ports).ports },
  }));
}

function hasRanges(peers: readonly NetworkPolicyPeer[]): boolean {
  for (const { ipBlock } of peers) if (ipBlock !== undefined) return true;
  return false;
}

function blocksOf({ peers }: RuleAt): readonly Block[] {
  return peers.flatMap((peer) => blockOf(peer) ?? []);
}

function blockOf(peer: NetworkPolicyPeer): IpBlockPeer | undefined {
  const compiled = peer.ipBlock === undefined ? undefined : compilePeer(peer);
  return compiled?.kind === "ipBlock" ? compiled : undefined;
}

/** What any-ipblock-ingress and any-ipblock-egress find. Ports of DNS are left to the rule that speaks of those. */
export function anyIpBlock(
  subject: PolicySubject,
  direction: Direction,
  { view, budget }: Pick<RuleContext<unknown>, "view" | "budget">,
) {
  const ranges = rangesOf(subject.object?.spec, direction);
  if (ranges.length === 0) return [];
  const dns = direction === "egress" ? dnsPorts(view.dns) : undefined;
  const entries = ranges.map(({ rule, entry }) =>
    dns === undefined ? entry : { ...entry, ports: portsBesideDns(rule.ports, dns) },
  );
  const rules = new Map(ranges.map(({ rule }) => [rule.index, rule]));
  return wideCovers(entries, budget).map((cover) => ({
    message: "wide" as const,
    ...foundIn(subject, direction, cover, rules),
  }));
}

/** Path, key, scope and data of a finding about ranges that are as good as all addresses. */
export function foundIn(
  subject: PolicySubject,
  direction: Direction,
  { entries, ports, families }: WideCover,
  rules: ReadonlyMap<number, RuleAt>,
) {
  const at = entries.flatMap(({ index }) => rules.get(index) ?? []);
  const opened = at.map((rule) => ({ peers: rule.peers.flatMap((peer) => blockOf(peer) ?? []), ports }));
  const alone = at.length === 1 ? at.map((rule) => onlyPeer(rule, families)).find(Boolean) : undefined;
  const told = alone === undefined ? opened.flatMap(({ peers }) => peers) : [alone.block];
  return {
    path: alone?.path ?? (at.length === 1 ? at[0]?.peersPath : undefined) ?? (["spec", direction] as Path),
    ...openingsOf(subject, direction, opened),
    data: {
      ranges: listed(told.map(peerText), spelled),
      where:
        at.length > 1
          ? ` of ${listed(
              at.map(({ index }) => `${direction}[${index}]`),
              spelled,
            )}`
          : "",
      ports: describePorts(ports),
      families: families.map((family) => `IPv${family}`).join(" and "),
    },
  };
}

/** The one range that suffices, where it does. */
function onlyPeer(
  { peers, peersPath }: RuleAt,
  families: WideCover["families"],
): { readonly path: Path; readonly block: IpBlockPeer } | undefined {
  for (const [index, peer] of peers.entries()) {
    const block = blockOf(peer);
    if (block === undefined) continue;
    const suffices = families.every((family) => blocksCoverMost([block], family));
    if (suffices) return { path: [...peersPath, index], block };
  }
  return undefined;
}

/** How many ranges one message spells out. */
const spelled = 4;
