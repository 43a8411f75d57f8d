// An exception of an ipBlock that other rules open again, to the same pods and on the same ports: it was meant as a deny,
// and policies only add up. What is opened only in part, or only to some of the pods, is opened on purpose.

import { z } from "zod";
import type { Path } from "../model/finding.ts";
import type { PolicySubject } from "../model/subject.ts";
import type { Budget } from "../network/budget.ts";
import { blocksOverlap, contains, type Cidr } from "../network/cidr.ts";
import { openingCovered } from "../network/entry-cover.ts";
import type { Opening } from "../network/opening.ts";
import type { AllowEntry, CompiledPolicy, IpBlockPeer, Peer } from "../network/policy.ts";
import { union, type PolicySet, type UnionEntry } from "../network/policy-set.ts";
import { overlaps } from "../network/selector.ts";
import { directions, peerList } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const exceptAsDeny = defineRule({
  id: "except-as-deny",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "set",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["policies"],
  options: z.strictObject({}),
  docs: {
    title: "Exception taken for a deny",
    summary: "An except of an ipBlock leaves out a range that other rules allow to the same pods.",
    why: "Policies add up. An except only says what its own ipBlock does not allow; where another rule allows the same range on the same ports, it is allowed.",
    remediation: "Leave the range out of the other rules as well, or drop the exception.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    allowed: {
      text: "{{except}} is left out of {{cidr}} here, and {{by}} allows it to the same pods: policies add up, an except denies nothing.",
      remedy: "Leave {{except}} out there as well, or drop the exception.",
      warning: "is allowed by {{by}}; an except denies nothing",
    },
    allowsExcepted: {
      text: "this allows {{except}}, which policy {{policy}} leaves out of {{cidr}} for the same pods: policies add up, an except denies nothing.",
      remedy: "Leave {{except}} out here as well, or drop the exception there.",
      warning: "allows {{except}}, an except of policy {{policy}}; policies add up",
    },
  },
  check(subject, { view, budget }) {
    const set = view.policies(subject.namespace);
    const { compiled } = subject;
    if (set === undefined || compiled === undefined) return [];
    return directions.flatMap((direction) => {
      if (!compiled[direction].some(opensAddresses)) return [];
      const opened = union(set, direction).filter(({ entry }) => opensAddresses(entry));
      const question = { set, direction, opened, budget };
      return [...ownExceptions(subject, compiled, question), ...exceptionsOfOthers(compiled, question)];
    });
  },
});

interface Question {
  readonly set: PolicySet;
  readonly direction: Direction;
  /** What the set opens to addresses, this policy's own included. */
  readonly opened: readonly UnionEntry[];
  readonly budget: Budget;
}

function opensAddresses({ peers }: AllowEntry): boolean {
  return peers === "any" || peers.some((peer) => peer.kind === "ipBlock");
}

/** An exception, and where it stands. */
interface Exception {
  readonly policy: CompiledPolicy;
  readonly entry: AllowEntry;
  readonly peer: IpBlockPeer;
  readonly range: Cidr;
  readonly path: Path;
}

function ownExceptions({ name }: PolicySubject, compiled: CompiledPolicy, question: Question) {
  return exceptionsOf(compiled, question.direction).flatMap((exception) => {
    const by = reopening(exception, question.opened, question);
    const [first] = by;
    if (first === undefined) return [];
    const where =
      first.policy.name === name
        ? `spec.${question.direction}[${first.entry.index}]`
        : `policy ${first.policy.name}`;
    return [
      {
        message: "allowed" as const,
        path: exception.path,
        key: keyOf(exception, question.direction),
        data: { ...dataOf(exception), by: where, policy: "" },
      },
    ];
  });
}

/** Exceptions of other policies that are allowed because of this one. */
function exceptionsOfOthers(compiled: CompiledPolicy, question: Question) {
  const { set, direction, opened, budget } = question;
  const without = opened.filter(({ policy }) => policy.name !== compiled.name);
  return set.policies.flatMap((policy) => {
    budget.tick();
    if (policy.name === compiled.name || !overlaps(policy.subject, compiled.subject)) return [];
    return exceptionsOf(policy, direction).flatMap((exception) => {
      const own = reopening(exception, opened, question).find((each) => each.policy.name === compiled.name);
      if (own === undefined || reopening(exception, without, question).length > 0) return [];
      return [
        {
          message: "allowsExcepted" as const,
          path: ["spec", direction, own.entry.index],
          key: keyOf(exception, direction),
          data: { ...dataOf(exception), policy: policy.name, by: "" },
        },
      ];
    });
  });
}

function exceptionsOf(policy: CompiledPolicy, direction: Direction): Exception[] {
  const found: Exception[] = [];
  for (const entry of policy[direction]) {
    if (entry.peers === "any") continue;
    for (const [index, peer] of entry.peers.entries()) {
      if (peer.kind !== "ipBlock") continue;
      for (const [at, range] of peer.except.entries()) {
        const list = peerList(direction);
        const path = ["spec", direction, entry.index, list, index, "ipBlock", "except", at];
        found.push({ policy, entry, peer, range, path });
      }
    }
  }
  return found;
}

/**
 * The entries that open addresses of the exception, where together they open all of it to all pods of its policy; one that
 * does so by itself comes first, for it is named.
 */
function reopening(
  { policy, entry, peer, range }: Exception,
  opened: readonly UnionEntry[],
  { budget }: Question,
): readonly UnionEntry[] {
  const block: IpBlockPeer = { kind: "ipBlock", cidr: range, except: [] };
  const near: UnionEntry[] = [];
  for (const other of opened) {
    if (!budget.spend()) return [];
    const peers = nearPeers(other.entry.peers, block, peer, budget);
    if (peers !== "any" && peers.length === 0) continue;
    if (overlaps(other.policy.subject, policy.subject))
      near.push({ ...other, entry: { ...other.entry, peers } });
  }
  if (near.length === 0) return [];
  const opening: Opening = { subject: policy.subject, entry: { peers: [block], ports: entry.ports } };
  const others = near.map((other) => ({ subject: other.policy.subject, entry: other.entry }));
  // Only pods would depend on labels of the namespace.
  const own = { name: policy.namespace, labels: noLabels };
  if (openingCovered(opening, others, { own, budget }) !== true) return [];
  const alone = near.find((_, index) =>
    openingCovered(opening, others.slice(index, index + 1), { own, budget }),
  );
  return alone === undefined ? near : [alone, ...near.filter((each) => each !== alone)];
}

const noLabels: ReadonlyMap<string, string> = new Map();

/** Those that hold an address of the block; not the very peer that excepts it, and none that there is no budget left for. */
function nearPeers(
  peers: readonly Peer[] | "any",
  block: IpBlockPeer,
  itself: IpBlockPeer,
  budget: Budget,
): readonly Peer[] | "any" {
  if (peers === "any") return peers;
  const near: Peer[] = [];
  for (const peer of peers) {
    if (peer.kind !== "ipBlock" || peer === itself) continue;
    budget.tick();
    if (!budget.spend()) return [];
    if (!contains(peer.cidr, block.cidr) && !contains(block.cidr, peer.cidr)) continue;
    budget.tick(peer.except.length);
    if (!budget.spend(peer.except.length)) return [];
    if (blocksOverlap(block, peer)) near.push(peer);
  }
  return near;
}

function keyOf({ policy, peer, range }: Exception, direction: Direction): string {
  return `${direction} ${policy.name} ${peer.cidr.text} ${range.text}`;
}

function dataOf({ peer, range }: Exception) {
  return { cidr: peer.cidr.text, except: range.text };
}
