// What a rule of a policy opens, as findings about it are compared before and after a request, and named in messages.

import type { Finding } from "../../model/finding.ts";
import type { PolicySubject } from "../../model/subject.ts";
import { compilePeer } from "../../network/dialects/kubernetes.ts";
import { peerText, type AllowEntry, type Peer } from "../../network/policy.ts";
import { compilePorts, describePorts } from "../../network/ports.ts";
import { nothing } from "../../network/selector.ts";
import type { PeerAt, RuleAt } from "../../network/walk.ts";
import type { Direction } from "../../wire/network-policy.ts";

/** Peers and ports that a finding speaks of: a part of an entry, or more than one. */
export type Opened = Pick<AllowEntry, "peers" | "ports">;

/** The key and the scope of a finding about what is opened to, or by, the pods that the policy selects. */
export function openingsOf(
  { compiled }: Pick<PolicySubject, "compiled">,
  direction: Direction,
  entries: readonly Opened[],
): Required<Pick<Finding, "key" | "scope">> {
  const subject = compiled?.subject ?? nothing("pods");
  const texts = entries.map(
    ({ peers, ports }) => `${peers === "any" ? "anyone" : peersKey(peers)} on ${describePorts(ports)}`,
  );
  return {
    key: `${direction} of ${subject.text}: ${texts.sort().join(" and ")}`,
    scope: { kind: "openings", direction, openings: entries.map((entry) => ({ subject, entry })) },
  };
}

function peersKey(peers: readonly Peer[]): string {
  return [...new Set(peers.map(peerText))].sort().join("; ");
}

/** What one peer opens; nothing where it cannot be read. */
export function openedBy({ peer, rule }: PeerAt): Opened {
  const compiled = compilePeer(peer);
  return { peers: compiled === undefined ? [] : [compiled], ports: compilePorts(rule.ports).ports };
}

/** What a rule opens on its ports, or some of them; nothing where none of its peers can be read. */
export function openedOn({ peers }: Pick<RuleAt, "peers">, ports: Opened["ports"]): Opened {
  return { peers: peers.length === 0 ? "any" : peers.flatMap((peer) => compilePeer(peer) ?? []), ports };
}
