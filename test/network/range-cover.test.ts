import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { type Family } from "#src/network/address.ts";
import { cidr, parseCidr, unionCoversAtLeast, type Block } from "#src/network/cidr.ts";
import { compilePorts, opensPort, type PortSet } from "#src/network/ports.ts";
import { mayCoverMost, wideCovers, type RangeEntry } from "#src/network/range-cover.ts";
import type { NetworkPolicyPort } from "#src/wire/network-policy.ts";

const width = { 4: 32, 6: 128 } as const;

/** Ranges of whole sixteenths of a family, with holes, so that sums come near the limit from both sides. */
const blockOf = (family: Family): fc.Arbitrary<Block> => {
  const range = fc
    .record({ cell: fc.integer({ min: 0, max: 31 }), prefix: fc.integer({ min: 0, max: 5 }) })
    .map(({ cell, prefix }) => cidr(family, BigInt(cell) << BigInt(width[family] - 5), prefix));
  return fc.record({ cidr: range, except: fc.array(range, { maxLength: 2 }) });
};
const block = fc.constantFrom<Family>(4, 6).chain(blockOf);
const wide = fc.constantFrom<Family>(4, 6).map((family) => ({ cidr: cidr(family, 0n, 1), except: [] }));
const otherHalf = fc
  .constantFrom<Family>(4, 6)
  .map((family) => ({ cidr: cidr(family, 1n << BigInt(width[family] - 1), 1), except: [] }));

const port: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ protocol: fc.constantFrom("TCP", "UDP"), port: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ protocol: fc.constant("TCP"), port: fc.constant(2), endPort: fc.integer({ min: 2, max: 6 }) }),
  fc.record({ protocol: fc.constant("TCP"), port: fc.constantFrom("http", "dns") }),
);
const entries = fc
  .array(
    fc.record({
      blocks: fc.array(fc.oneof(block, wide, otherHalf), { minLength: 1, maxLength: 3 }),
      ports: fc.array(port, { maxLength: 3 }).map((list) => compilePorts(list).ports),
      spare: fc.boolean(),
    }),
    { maxLength: 5 },
  )
  .map((all): RangeEntry[] => all.map((entry, index) => ({ ...entry, index })));

const budget = () => workBudget(1_000_000);

/** Points of which each set of ports above holds all or nothing. */
const points = [
  ...["TCP", "UDP", "SCTP"].flatMap((protocol) =>
    [1, 2, 3, 4, 5, 6, 7].map((number) => ({ protocol: protocol as "TCP", port: number })),
  ),
  ...["http", "dns"].map((port) => ({ protocol: "TCP" as const, port })),
];

function holdsPoint(ports: PortSet | "any", { protocol, port: at }: (typeof points)[number]): boolean {
  if (typeof at === "number") return opensPort(ports, protocol, at, []) === true;
  return ports === "any" || ports[protocol].names.includes(at);
}

describe("ranges as good as all addresses", () => {
  test.prop([entries])("are found on just the ports on which they are", (all) => {
    const covers = wideCovers(all, budget());
    for (const family of [4, 6] as const) {
      for (const point of points) {
        const holding = all.filter(({ ports }) => holdsPoint(ports, point));
        const expected = unionCoversAtLeast(
          holding.flatMap(({ blocks }) => blocks),
          family,
          15,
          16,
        );
        const found = covers.some(
          ({ families, ports }) => families.includes(family) && holdsPoint(ports, point),
        );
        expect(found, `IPv${family} ${point.port}/${point.protocol}`).toBe(expected);
      }
    }
  });

  test.prop([entries])("are told by rules that it takes, each of which opens the ports", (all) => {
    for (const { entries: holders, families, ports } of wideCovers(all, budget())) {
      const blocks = holders.flatMap((holder) => holder.blocks);
      for (const family of families) expect(unionCoversAtLeast(blocks, family, 15, 16)).toBe(true);
      for (const point of points.filter((each) => holdsPoint(ports, each))) {
        expect(holders.every((holder) => holdsPoint(holder.ports, point))).toBe(true);
      }
      if (holders.length < 2 || families.length > 1) continue;
      for (const holder of holders) {
        const others = holders.filter((each) => each !== holder).flatMap((each) => each.blocks);
        expect(families.some((family) => unionCoversAtLeast(others, family, 15, 16))).toBe(false);
      }
    }
  });

  test.prop([entries])("are the same in whatever order the rules stand", (all) => {
    const told = (of: readonly RangeEntry[]) =>
      wideCovers(of, budget())
        .map(({ entries: holders, families, ports }) => {
          const texts = holders.map(({ blocks }) =>
            blocks
              .map((each) => each.cidr.text)
              .sort()
              .join(" "),
          );
          return `${texts.sort().join(" | ")} ${families.join(" ")} ${ports === "any" ? "any" : ports.text}`;
        })
        .sort();
    expect(told([...all].reverse())).toEqual(told(all));
  });

  test.prop([fc.array(block, { maxLength: 6 }), fc.constantFrom("ingress", "egress")])(
    "are never missed by the look at their lengths",
    (blocks, direction) => {
      const peers = blocks.map(({ cidr: { text } }) => ({ ipBlock: { cidr: text } }));
      const list = direction === "ingress" ? "from" : "to";
      const covers = ([4, 6] as const).some((family) => unionCoversAtLeast(blocks, family, 15, 16));
      const may = mayCoverMost({ [direction]: peers.map((peer) => ({ [list]: [peer] })) }, direction);
      if (covers) expect(may).toBe(true);
    },
  );

  it("may be IPv4 written as IPv6", () => {
    const egress = [{ to: [{ ipBlock: { cidr: "::ffff:0:0/96" } }] }];
    expect(parseCidr("::ffff:0:0/96")?.text).toBe("0.0.0.0/0");
    expect(mayCoverMost({ egress }, "egress")).toBe(true);
    expect(mayCoverMost({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }, "egress")).toBe(false);
    expect(mayCoverMost({ egress }, "ingress")).toBe(false);
  });

  it("are left out where the budget does not suffice", () => {
    const half = (index: number, text: string): RangeEntry => {
      const range = parseCidr(text);
      if (range === undefined) throw new Error(text);
      return { index, blocks: [{ cidr: range, except: [] }], ports: "any" };
    };
    const halves = [half(0, "0.0.0.0/1"), half(1, "128.0.0.0/1")];
    expect(wideCovers(halves, budget())).toHaveLength(1);
    expect(wideCovers(halves, workBudget(0))).toEqual([]);
    // One that suffices alone needs no search.
    expect(wideCovers([half(0, "0.0.0.0/0")], workBudget(0))).toHaveLength(1);
  });
});
