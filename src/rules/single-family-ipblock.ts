// A rule for every address of one IP family in a cluster whose pods have addresses of both, and nothing for the other.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import { type Family } from "../network/address.ts";
import { unionCoversAtLeast } from "../network/cidr.ts";
import type { AllowEntry, CompiledPolicy, IpBlockPeer } from "../network/policy.ts";
import { union } from "../network/policy-set.ts";
import { portsOverlap } from "../network/ports.ts";
import { implies } from "../network/selector.ts";
import { directions, peerList } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const singleFamilyIpblock = defineRule({
  id: "single-family-ipblock",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["addresses"],
  options: z.strictObject({}),
  docs: {
    title: "ipBlock of one family only",
    summary: "In a dual-stack cluster a rule holds all of one IP family and nothing of the other.",
    why: "0.0.0.0/0 says nothing of IPv6. Where pods have addresses of both families, connections that happen to use the other one are refused, or by some plugins not looked at.",
    remediation: "Add the other family to the rule, with the exceptions that it needs.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/dual-stack/"],
  },
  messages: {
    oneFamily: {
      text: "this is all of {{family}}, and no rule for these ports speaks of {{other}}, of which pods have addresses as well: such connections are refused.",
      remedy:
        "Add an item for {{other}}, such as {ipBlock: {cidr: {{any}}}}, with the exceptions that it needs.",
      warning: "all of {{family}} and nothing of {{other}}; add {{any}}",
    },
  },
  check({ compiled }, { view, budget }) {
    if (compiled?.readable !== true || view.addresses?.dualStack !== true) return [];
    return directions.flatMap((direction) => {
      const opened = new OpenedTo(compiled, direction, view, budget);
      return compiled[direction].flatMap((entry) => {
        budget.tick(1 + entry.peers.length);
        const block = wholeFamily(entry);
        if (block === undefined) return [];
        const { family } = block.peer.cidr;
        const other = otherOf(family);
        if (opened.speaksOf(other, entry)) return [];
        const list = peerList(direction);
        return [
          {
            message: "oneFamily" as const,
            path: ["spec", direction, entry.index, list, block.index, "ipBlock"],
            key: `${direction} IPv${family}`,
            data: { family: `IPv${family}`, other: `IPv${other}`, any: everything[other] },
          },
        ];
      });
    });
  },
});

const everything = { 4: "0.0.0.0/0", 6: "::/0" } as const;
const otherOf = (family: Family): Family => (family === 4 ? 6 : 4);

/** The first block of an entry that holds nearly all of one family (with exceptions, such as private ranges) and nothing of the other. */
function wholeFamily({
  peers,
}: AllowEntry): { readonly index: number; readonly peer: IpBlockPeer } | undefined {
  if (peers === "any") return undefined;
  const share = { 4: 0, 6: 0 };
  for (const peer of peers) if (peer.kind === "ipBlock") share[peer.cidr.family] += 2 ** -peer.cidr.prefix;
  const family = share[4] >= 15 / 16 ? 4 : 6;
  if (share[family] < 15 / 16 || share[otherOf(family)] > 0) return undefined;
  const blocks = peers.filter((peer) => peer.kind === "ipBlock");
  const index = peers.findIndex((peer) => peer.kind === "ipBlock");
  const peer = blocks[0];
  return peer !== undefined && unionCoversAtLeast(blocks, family, 15, 16) ? { index, peer } : undefined;
}

/** What is opened in one direction to all pods of the policy, by it and by others; gathered when it is first asked for. */
class OpenedTo {
  readonly #gather: () => readonly AllowEntry[];
  readonly #budget: Budget;
  #entries: readonly AllowEntry[] | undefined;

  constructor(policy: CompiledPolicy, direction: Direction, view: ClusterView, budget: Budget) {
    this.#budget = budget;
    this.#gather = () => {
      const set = view.policies(policy.namespace);
      if (set === undefined) return policy[direction];
      return union(set, direction).flatMap((each) =>
        implies(policy.subject, each.policy.subject) ? [each.entry] : [],
      );
    };
  }

  /** Whether addresses of the family are opened on one of the entry's ports; true also where that is too much work. */
  speaksOf(family: Family, { ports }: AllowEntry): boolean {
    this.#entries ??= this.#gather();
    for (const { peers, ports: others } of this.#entries) {
      if (!this.#budget.spend(1 + peers.length)) return true;
      const speaks =
        peers === "any" || peers.some((peer) => peer.kind === "ipBlock" && peer.cidr.family === family);
      if (speaks && portsOverlap(others, ports) !== false) return true;
    }
    return false;
  }
}
