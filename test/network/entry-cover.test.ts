import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { exceeding, openingCovered } from "#src/network/entry-cover.ts";
import type { Opening } from "#src/network/opening.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { union } from "#src/network/policy-set.ts";
import { namespaceNameLabel } from "#src/network/selector.ts";
import type { NetworkPolicyEgressRule, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { egress, namespaceLabels, policy, shop } from "./cluster.ts";

const context = (steps = 100_000) => ({
  own: { name: "shop", labels: namespaceLabels("shop", { team: "a" }) },
  budget: workBudget(steps),
});
const openingsOf = (...policies: readonly CompiledPolicy[]): readonly Opening[] =>
  union(shop(...policies), "egress").map(({ policy: { subject }, entry }) => ({ subject, entry }));
const toDb: NetworkPolicyPeer = { podSelector: { matchLabels: { app: "db" } } };
const block = (cidr: string, ...except: string[]): NetworkPolicyPeer => ({ ipBlock: { cidr, except } });
const team = (value: string) => ({ namespaceSelector: { matchLabels: { team: value } } });
const named = (name: string) => ({ namespaceSelector: { matchLabels: { [namespaceNameLabel]: name } } });
const tiered = { matchExpressions: [{ key: "tier", operator: "Exists" }] };
const range = (name: string) => block(`10.0.${name}.0/24`);
const many = <T>(make: (name: string) => T): T[] => Array.from({ length: 200 }, (_, i) => make(`${i}`));
const others = (name: string) => ({
  matchExpressions: [{ key: namespaceNameLabel, operator: "NotIn", values: [name] }],
});

describe("an entry that others cover", () => {
  const covered = (own: NetworkPolicyEgressRule[], others: readonly CompiledPolicy[]) => {
    const [entry] = openingsOf(egress("a", "web", ...own));
    if (entry === undefined) throw new Error("no entry");
    return openingCovered(entry, openingsOf(...others), context());
  };

  it.each<[string, NetworkPolicyEgressRule, NetworkPolicyEgressRule[], boolean | undefined]>([
    ["by one without ports", { to: [toDb], ports: [{ port: 80 }] }, [{ to: [{ podSelector: {} }] }], true],
    [
      "ports by two that meet",
      { to: [toDb], ports: [{ port: 80, endPort: 90 }] },
      [
        { to: [toDb], ports: [{ port: 80, endPort: 84 }] },
        { to: [toDb], ports: [{ port: 85, endPort: 90 }] },
      ],
      true,
    ],
    [
      "ports by two that do not",
      { to: [toDb], ports: [{ port: 80, endPort: 90 }] },
      [
        { to: [toDb], ports: [{ port: 80, endPort: 83 }] },
        { to: [toDb], ports: [{ port: 85, endPort: 90 }] },
      ],
      false,
    ],
    ["any port by one port", { to: [toDb] }, [{ to: [toDb], ports: [{ port: 80 }] }], false],
    [
      "any port by every port of the three protocols",
      { to: [toDb] },
      [{ to: [toDb], ports: [{ protocol: "TCP" }, { protocol: "UDP" }, { protocol: "SCTP" }] }],
      false,
    ],
    ["by no peers", { to: [toDb] }, [{}], true],
    ["no peers by all pods", {}, [{ to: [{ namespaceSelector: {} }] }], false],
    [
      "no peers by all pods and addresses",
      {},
      [{ to: [{ namespaceSelector: {} }, block("0.0.0.0/0"), block("::/0")] }],
      false,
    ],
    ["no peers by no peers", { ports: [{ port: 80 }] }, [{}], true],
    ["the own namespace by all", { to: [toDb] }, [{ to: [{ namespaceSelector: {} }] }], true],
    ["the own namespace by a label that it has", { to: [toDb] }, [{ to: [team("a")] }], true],
    ["the own namespace by a label that it has not", { to: [toDb] }, [{ to: [team("b")] }], false],
    ["the own namespace by its name", { to: [toDb] }, [{ to: [named("shop")] }], true],
    ["its name by the own namespace", { to: [{ ...named("shop"), ...toDb }] }, [{ to: [toDb] }], true],
    ["another name by the own namespace", { to: [{ ...named("x"), ...toDb }] }, [{ to: [toDb] }], false],
    [
      "all namespaces by the own",
      { to: [{ namespaceSelector: {} }] },
      [{ to: [{ podSelector: {} }] }],
      false,
    ],
    [
      "all namespaces by one name and all others",
      { to: [{ namespaceSelector: {} }] },
      [{ to: [named("a")] }, { to: [{ namespaceSelector: others("a") }] }],
      true,
    ],
    [
      "a family by its halves",
      { to: [block("0.0.0.0/0")] },
      [{ to: [block("0.0.0.0/1"), block("128.0.0.0/1")] }],
      true,
    ],
    [
      "a range by one with a hole",
      { to: [block("10.0.0.0/8")] },
      [{ to: [block("0.0.0.0/0", "10.1.0.0/16")] }],
      false,
    ],
    [
      "a range by one with a hole that another fills",
      { to: [block("10.0.0.0/8")] },
      [{ to: [block("0.0.0.0/0", "10.1.0.0/16")] }, { to: [block("10.1.0.0/16")] }],
      true,
    ],
    ["a range by pods", { to: [block("10.0.0.0/8")] }, [{ to: [{ podSelector: {} }] }], false],
    ["pods by a range", { to: [toDb] }, [{ to: [block("0.0.0.0/0"), block("::/0")] }], false],
    ["a name by itself", { to: [toDb], ports: [{ port: "pg" }] }, [{ ports: [{ port: "pg" }] }], true],
    ["a name by every port", { ports: [{ port: "pg" }] }, [{ ports: [{ protocol: "TCP" }] }], true],
    ["a name by a number", { ports: [{ port: "pg" }] }, [{ ports: [{ port: 5432 }] }], undefined],
    ["a number by a name", { ports: [{ port: 5432 }] }, [{ ports: [{ port: "pg" }] }], undefined],
    ["two numbers by a name", { ports: [{ port: 1, endPort: 2 }] }, [{ ports: [{ port: "pg" }] }], false],
    [
      "two numbers apart by a name",
      { ports: [{ port: 1 }, { port: 3 }] },
      [{ ports: [{ port: "pg" }] }],
      false,
    ],
    [
      "two numbers by two names",
      { ports: [{ port: 1 }, { port: 3 }] },
      [{ ports: [{ port: "pg" }, { port: "web" }] }],
      undefined,
    ],
    [
      "two numbers by a name, one of them for some of the peers by itself",
      { to: [toDb], ports: [{ port: 1 }, { port: 3 }] },
      [
        { to: [toDb], ports: [{ port: "pg" }] },
        { to: [{ podSelector: { matchLabels: { app: "db", tier: "one" } } }], ports: [{ port: 1 }] },
      ],
      false,
    ],
    [
      "two numbers by a name, each for the rest of the peers by itself",
      { to: [toDb], ports: [{ port: 1 }, { port: 3 }] },
      [
        { to: [toDb], ports: [{ port: "pg" }] },
        {
          to: [{ podSelector: { matchExpressions: [{ key: "tier", operator: "Exists" }] } }],
          ports: [{ port: 1 }],
        },
        {
          to: [{ podSelector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } }],
          ports: [{ port: 3 }],
        },
      ],
      undefined,
    ],
    ["a name by another protocol", { ports: [{ port: "pg" }] }, [{ ports: [{ protocol: "UDP" }] }], false],
  ])("%s", (_what, own, others, answer) => {
    expect(covered([own], [egress("b", undefined, ...others)])).toBe(answer);
    // To pods of another policy's selector they open nothing.
    expect(covered([own], [egress("b", "api", ...others)])).toBe(false);
  });

  it("piece by piece: subjects and peers of others may be split", () => {
    const split = (key: string) => [
      { matchExpressions: [{ key, operator: "Exists" }] },
      { matchExpressions: [{ key, operator: "DoesNotExist" }] },
    ];
    const bySubject = split("tier").map((podSelector, i) =>
      policy(`s${i}`, { podSelector, policyTypes: ["Egress"], egress: [{ to: [toDb] }] }),
    );
    expect(covered([{ to: [toDb] }], bySubject)).toBe(true);
    expect(covered([{ to: [toDb] }], bySubject.slice(1))).toBe(false);
    const byPeer = split("zone").map((namespaceSelector) => ({ namespaceSelector, ...toDb }));
    const everywhere = { namespaceSelector: {}, ...toDb };
    expect(covered([{ to: [everywhere] }], [egress("b", undefined, { to: byPeer })])).toBe(true);
    expect(covered([{ to: [everywhere] }], [egress("b", undefined, { to: byPeer.slice(1) })])).toBe(false);
  });

  it.each<[string, NetworkPolicyEgressRule, NetworkPolicyEgressRule[]]>([
    ["names of namespaces", { to: [{ namespaceSelector: {} }] }, [{ to: many(named) }]],
    [
      "names of namespaces beside those with another label",
      { to: [{ namespaceSelector: {} }] },
      [{ to: [{ namespaceSelector: tiered }, ...many(named)] }],
    ],
    [
      "labels of pods",
      { to: [{ podSelector: {} }] },
      [{ to: many((app) => ({ podSelector: { matchLabels: { app } } })) }],
    ],
    ["ranges", { to: [block("10.0.0.0/8")] }, [{ to: many(range) }]],
    ["ranges beside as many", { to: [...many(range), block("11.0.0.0/8")] }, [{ to: many(range) }]],
    [
      "ports",
      { to: [toDb], ports: [{ port: 1, endPort: 9000 }] },
      many((port) => ({ to: [toDb], ports: [{ port: 1 + Number(port) }] })),
    ],
  ])("hundreds of %s are not all: told without the budget of a request", (_what, own, others) => {
    const [entry] = openingsOf(egress("a", "web", own));
    if (entry === undefined) throw new Error("no entry");
    const by = openingsOf(egress("b", "web", ...others));
    expect(openingCovered(entry, by, context(20_000))).toBe(false);
    const and = openingsOf(egress("b", "web", ...others, own));
    expect(openingCovered(entry, and, context(1_000_000))).toBe(true);
  });

  const counting = (length: number) => Array.from({ length }, (_, index) => index);
  const apps = (length: number, of = "") =>
    counting(length).map((index) => ({ podSelector: { matchLabels: { app: `${of}${index}` } } }));
  /** Eight rules, of which each port has another choice. */
  const byBits = (ports: number, peers: (bit: number) => NetworkPolicyPeer[]): NetworkPolicyEgressRule[] =>
    counting(8).map((bit) => ({
      to: peers(bit),
      ports: counting(ports)
        .filter((index) => (((index + 1) ^ ((index + 1) >> 1)) >> bit) & 1)
        .map((index) => ({ port: index + 1 })),
    }));

  it.each<[string, NetworkPolicyEgressRule, NetworkPolicyEgressRule[], boolean]>([
    [
      "the same peers, repeated, where each port is opened by other rules",
      { to: counting(8).flatMap(() => apps(600)), ports: [{ port: 1, endPort: 255 }] },
      byBits(255, () => apps(600)),
      true,
    ],
    [
      "other peers, beside the name of a port",
      { to: [toDb], ports: [{ port: 1, endPort: 255 }] },
      [...byBits(255, (bit) => apps(450, `of-${bit}-`)), { to: [toDb], ports: [{ port: "pg" }] }],
      false,
    ],
  ])("%s: told without the budget of a request", (_what, own, others, answer) => {
    const [entry] = openingsOf(egress("a", "web", own));
    if (entry === undefined) throw new Error("no entry");
    expect(openingCovered(entry, openingsOf(egress("b", "web", ...others)), context(20_000))).toBe(answer);
  });

  it("is unknown when the budget is used up", () => {
    const [entry] = openingsOf(egress("a", "web", { to: [toDb], ports: [{ port: 80 }] }));
    const by = openingsOf(egress("b", undefined, { to: [{ podSelector: {} }] }));
    if (entry === undefined) throw new Error("no entry");
    expect(openingCovered(entry, by, context(0))).toBeUndefined();
  });
});

describe("a ceiling", () => {
  const ceiling = openingsOf(
    egress("ceiling", undefined, { to: [{ namespaceSelector: {} }], ports: [{ port: 80 }, { port: "web" }] }),
    egress("ranges", undefined, { to: [block("10.0.0.0/8", "10.9.0.0/16")] }),
  );
  const excess = (...rules: NetworkPolicyEgressRule[]) =>
    exceeding(
      union(shop(egress("p", "web", ...rules)), "egress").map(({ policy: { subject }, entry }) => ({
        subject,
        entry,
      })),
      ceiling,
      context(),
    ).map(({ opening, certain }) => [opening.entry.index, certain]);

  it("is exceeded by each entry that is not within it", () => {
    expect(
      excess(
        { to: [toDb], ports: [{ port: 80 }] },
        { to: [toDb], ports: [{ port: 81, endPort: 83 }] },
        { ports: [{ port: 80 }] },
        { to: [block("10.1.0.0/16")] },
        { to: [block("10.0.0.0/9")] },
        { to: [toDb], ports: [{ port: "web" }] },
        { to: [toDb], ports: [{ port: "pg" }] },
      ),
    ).toEqual([
      [1, true],
      [2, true],
      [4, true],
      [6, false],
    ]);
  });

  it("of nothing at all is exceeded by whatever opens something", () => {
    const [opening] = openingsOf(egress("p", "web", {}));
    if (opening === undefined) throw new Error("no entry");
    expect(exceeding([opening], [], context())).toEqual([{ opening, certain: true }]);
  });
});
