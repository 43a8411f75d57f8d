import { expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import type { Opening } from "#src/network/opening.ts";
import { peerCover } from "#src/network/peer-cover.ts";
import { union } from "#src/network/policy-set.ts";
import type { NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { egress, namespaceLabels, shop } from "./cluster.ts";

const own = { name: "shop", labels: namespaceLabels("shop", { team: "a" }) };
const app = (name: string): NetworkPolicyPeer => ({ podSelector: { matchLabels: { app: name } } });
const block = (cidr: string): NetworkPolicyPeer => ({ ipBlock: { cidr } });

function openings(...lists: readonly NetworkPolicyPeer[][]): Opening[] {
  return lists.flatMap((to, index) =>
    union(shop(egress(`p${index}`, undefined, { to })), "egress").map(({ policy: { subject }, entry }) => ({
      subject,
      entry,
    })),
  );
}

function cover(peers: NetworkPolicyPeer[], others: NetworkPolicyPeer[][], steps = 1_000) {
  const [opening] = openings(peers);
  if (opening === undefined) throw new Error("no entry");
  return peerCover(opening, openings(...others), { own, budget: workBudget(steps) });
}

it("those at the places that are asked for, and no others, open the peers", () => {
  const by = cover(
    [app("a"), app("b"), block("10.0.0.0/8")],
    [[app("a")], [app("b")], [block("10.0.0.0/7")]],
  );
  expect(by([0, 1, 2])).toBe(true);
  expect(by([0, 1])).toBe(false);
  expect(by([1, 2])).toBe(false);
  expect(by([])).toBe(false);
});

it("ranges may be opened in parts", () => {
  const by = cover([block("10.0.0.0/8")], [[block("10.0.0.0/9")], [block("10.128.0.0/9")]]);
  expect(by([0, 1])).toBe(true);
  expect(by([1])).toBe(false);
});

it("peers in the same words, however many, and those that select nothing take no search", () => {
  const many = Array.from({ length: 500 }, (_, index) => app(`a${index}`));
  const nobody = {
    podSelector: {
      matchExpressions: [
        { key: "k", operator: "In", values: ["a"] },
        { key: "k", operator: "DoesNotExist" },
      ],
    },
  };
  const by = cover([...many, ...many, nobody], [[...many].reverse()], 50);
  expect(by([0])).toBe(true);
  const narrowed = many.map(({ podSelector }) => ({
    podSelector: { matchLabels: { ...podSelector?.matchLabels, tier: "web" } },
  }));
  expect(cover(narrowed, [many], 50)([0])).toBeUndefined();
});
