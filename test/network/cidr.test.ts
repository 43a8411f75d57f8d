import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { isIP } from "node:net";
import { describe, expect, it } from "vitest";
import { addressText, parseAddress } from "#src/network/address.ts";
import {
  blockHolds,
  blocksCover,
  blocksOverlap,
  cidr,
  contains,
  containsAddress,
  parseCidr,
  pieces,
  singleAddress,
  spanned,
  subtract,
  unionCoversAtLeast,
} from "#src/network/cidr.ts";
import type { Address, Family } from "#src/network/address.ts";
import type { Block, Cidr } from "#src/network/cidr.ts";

/**
 * A universe of 32 cells: the five leading bits of an address. Every range of the tests is made of whole cells, so that
 * one address of each cell stands for all of it.
 */
const width = { 4: 32, 6: 128 } as const;
const cells = Array.from({ length: 32 }, (_, i) => BigInt(i));
const addressIn = (family: Family, cell: bigint) => ({
  family,
  value: (cell << BigInt(width[family] - 5)) + 7n,
});
const held = (family: Family, holds: (address: { family: Family; value: bigint }) => boolean) =>
  cells.filter((cell) => holds(addressIn(family, cell)));

const family = fc.constantFrom<Family>(4, 6);
const rangeOf = (of: Family) =>
  fc
    .record({ cell: fc.constantFrom(...cells), prefix: fc.integer({ min: 0, max: 5 }) })
    .map(({ cell, prefix }) => cidr(of, addressIn(of, cell).value, prefix));
const blockOf = (of: Family): fc.Arbitrary<Block> =>
  fc.record({ cidr: rangeOf(of), except: fc.array(rangeOf(of), { maxLength: 2 }) });
const twoRanges = family.chain((of) => fc.tuple(fc.constant(of), rangeOf(of), rangeOf(of)));
const blocksAndOne = family.chain((of) =>
  fc.tuple(fc.constant(of), fc.array(blockOf(of), { maxLength: 4 }), blockOf(of)),
);

describe("CIDR algebra against brute force", () => {
  test.prop([twoRanges])("contains and subtract", ([of, a, b]) => {
    const inB = held(of, (address) => containsAddress(b, address));
    expect(contains(a, b)).toBe(inB.every((cell) => containsAddress(a, addressIn(of, cell))));
    const parts = subtract(a, b);
    const left = held(of, (address) => containsAddress(a, address) && !containsAddress(b, address));
    expect(held(of, (address) => parts.some((part) => containsAddress(part, address)))).toEqual(left);
    // Disjoint: together exactly as many addresses as are left.
    const count = parts.reduce((sum, part) => sum + 2 ** (5 - part.prefix), 0);
    expect(count).toBe(left.length);
  });

  test.prop([blocksAndOne])("cover and overlap by blocks with exceptions", ([of, blocks, one]) => {
    const inOne = held(of, (address) => blockHolds(one, address));
    const covered = inOne.every((cell) => blocks.some((block) => blockHolds(block, addressIn(of, cell))));
    expect(blocksCover(blocks, one)).toBe(covered);
    for (const block of blocks) {
      expect(blocksOverlap(block, one)).toBe(inOne.some((cell) => blockHolds(block, addressIn(of, cell))));
    }
  });

  test.prop([blocksAndOne, fc.integer({ min: 1, max: 32 })])(
    "cover at least so much of a family",
    ([of, blocks], part) => {
      const count = held(of, (address) => blocks.some((block) => blockHolds(block, address))).length;
      expect(unionCoversAtLeast(blocks, of, part, 32)).toBe(count >= part);
      expect(unionCoversAtLeast(blocks, of === 4 ? 6 : 4, 1, 32)).toBe(false);
    },
  );

  test.prop([blocksAndOne])(
    "pieces stand for all of a block, and are held whole or not at all",
    ([of, blocks, one]) => {
      const starts = pieces(one, blocks);
      expect(starts.every((start) => blockHolds(one, start))).toBe(true);
      const answers = (address: Address) => blocks.map((block) => blockHolds(block, address)).join();
      for (const cell of held(of, (address) => blockHolds(one, address))) {
        const address = addressIn(of, cell);
        // The last piece that begins before the address is the one it lies in.
        const start = starts.findLast(({ value }) => value <= address.value);
        expect(start && answers(start)).toBe(answers(address));
      }
    },
  );

  test.prop([family, fc.nat(32), fc.nat(32)])(
    "spanned is all from one address to another and no more",
    (of, a, b) => {
      const at = (cell: number) => ({ family: of, value: BigInt(cell) << BigInt(width[of] - 5) });
      const [from, to] = [Math.min(a, b, 31), Math.max(a, b)];
      const ranges = spanned(at(from), to === 32 ? undefined : at(to));
      const inside = held(of, (address) => ranges.some((range) => containsAddress(range, address)));
      expect(inside).toEqual(cells.slice(from, to));
      const sizes = ranges.reduce((sum, range) => sum + 2 ** (5 - range.prefix), 0);
      expect(sizes).toBe(Math.max(to - from, 0));
      expect(ranges.length).toBeLessThanOrEqual(10);
    },
  );

  test.prop([blocksAndOne])("the order of blocks does not matter", ([of, blocks, one]) => {
    const turned = [...blocks].reverse();
    expect(blocksCover(turned, one)).toBe(blocksCover(blocks, one));
    expect(unionCoversAtLeast(turned, of, 15, 16)).toBe(unionCoversAtLeast(blocks, of, 15, 16));
  });
});

describe("text", () => {
  test.prop([fc.ipV4(), fc.integer({ min: 0, max: 32 })])("IPv4 goes round", (address, prefix) => {
    const range = parseCidr(`${address}/${prefix}`);
    expect(range).toBeDefined();
    expect(parseCidr(range?.text ?? "")).toEqual(range);
    expect(range && containsAddress(range, parseAddress(address) ?? { family: 6, value: 0n })).toBe(true);
  });

  test.prop([fc.ipV6()])("IPv6 is read as node:net does, and goes round", (address) => {
    expect(isIP(address)).toBe(6);
    const parsed = parseAddress(address);
    expect(parsed).toBeDefined();
    if (parsed === undefined) return;
    const text = addressText(parsed);
    expect(parseAddress(text)).toEqual(parsed);
    expect(new URL(`http://[${address}]/`).hostname).toBe(
      parsed.family === 6 ? `[${text}]` : expect.stringContaining("::ffff:"),
    );
  });

  test.prop([fc.stringMatching(/^[0-9a-f:.]{1,20}$/)])(
    "what is no address by node:net is none, but for zeros",
    (text) => {
      if (isIP(text) === 0 && !/(^|[:.])0/.test(text)) expect(parseAddress(text)).toBeUndefined();
    },
  );

  // Each seen with ParseCIDRSloppy of k8s.io/utils/net; mapped ranges as Go's IPNet.Contains treats them.
  it.each([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["10.0.0.5/24", "10.0.0.0/24"],
    ["010.0.0.1/32", "10.0.0.1/32"],
    ["0000010.0.0.1/032", "10.0.0.1/32"],
    ["192.168.001.001/24", "192.168.1.0/24"],
    ["2001:DB8:0:0:0:0:0:1/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["::1/128", "::1/128"],
    ["1::/16", "1::/16"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
    ["::ffff:0:0/96", "0.0.0.0/0"],
    ["::ffff:a00:1/128", "10.0.0.1/32"],
    ["::ffff:10.0.0.0/95", "::fffe:0:0/95"],
    ["::ffff:10.0.0.0/80", "::/80"],
    ["::1.2.3.4/128", "::102:304/128"],
    ["64:ff9b::1.2.3.4/96", "64:ff9b::/96"],
    ["1:2:3:4:5:6:1.2.3.4/128", "1:2:3:4:5:6:102:304/128"],
    ["00001::/16", "1::/16"],
    ["2001:db8:0:1:1:1:1:1/128", "2001:db8:0:1:1:1:1:1/128"],
    ["2001:0:0:1:0:0:0:1/128", "2001:0:0:1::1/128"],
  ])("%s is %s", (text, canonical) => {
    expect(parseCidr(text)?.text).toBe(canonical);
  });

  it.each([
    "",
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/+8",
    "10.0.0.0/8 ",
    " 10.0.0.0/8",
    "10.0.0/8",
    "10/8",
    "10.0.0.256/32",
    "10.0.0.0.0/8",
    "0x0a.0.0.0/8",
    "10.0.0.0/8/8",
    "::/129",
    ":::/8",
    "1::2::3/8",
    "1:2:3:4:5:6:7/8",
    "1:2:3:4:5:6:7:8:9/8",
    "1:2:3:4:5:6:7::8/8",
    "12345::/8",
    "g::/8",
    ":1::/8",
    "1:/8",
    "fe80::1%eth0/64",
    "1.2.3.4::/8",
    "::1.2.3/8",
    "1:2:3:4:5:6:7:1.2.3.4/8",
    "99999999999.0.0.0/8",
    "10.0.0.0/00000000000000000000000000000000000000000000000000099",
  ])("%j is no CIDR", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it("an address alone", () => {
    expect(parseAddress("10.0.0.1")).toEqual({ family: 4, value: 0x0a000001n });
    expect(parseAddress("::ffff:10.0.0.1")).toEqual({ family: 4, value: 0x0a000001n });
    expect(parseAddress("None")).toBeUndefined();
    expect(singleAddress({ family: 6, value: 1n }).text).toBe("::1/128");
  });
});

describe("15/16 of a family", () => {
  const block = (text: string, ...except: string[]): Block => ({
    cidr: read(text),
    except: except.map(read),
  });
  const read = (text: string): Cidr => {
    const range = parseCidr(text);
    if (range === undefined) throw new Error(`no CIDR: ${text}`);
    return range;
  };

  it.each([
    [[block("0.0.0.0/0")], true],
    [[block("0.0.0.0/1"), block("128.0.0.0/1")], true],
    [[block("0.0.0.0/1")], false],
    [[block("0.0.0.0/0", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")], true],
    [[block("0.0.0.0/0", "16.0.0.0/4")], true],
    [[block("0.0.0.0/0", "16.0.0.0/4", "10.0.0.1/32")], false],
    [[block("0.0.0.0/0", "16.0.0.0/4", "10.0.0.1/32"), block("10.0.0.0/8")], true],
    [[block("::/0")], false],
  ])("%#", (blocks, answer) => {
    expect(unionCoversAtLeast(blocks, 4, 15, 16)).toBe(answer);
  });

  it("counts each family alone", () => {
    expect(unionCoversAtLeast([block("0.0.0.0/1"), block("::/0")], 6, 15, 16)).toBe(true);
  });

  it("ranges of two families have nothing in common", () => {
    expect(contains(read("::/0"), read("10.0.0.0/8"))).toBe(false);
    expect(blocksOverlap(block("::/0"), block("10.0.0.0/8"))).toBe(false);
    expect(blocksCover([block("::/0")], block("10.0.0.0/8"))).toBe(false);
  });

  it("an exception of the other family takes nothing away", () => {
    expect(unionCoversAtLeast([block("0.0.0.0/0", "::/0")], 4, 1, 1)).toBe(true);
  });
});
