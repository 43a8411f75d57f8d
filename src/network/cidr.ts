import { addressText, decimal, mappedPrefix, parseIPv4, parseIPv6 } from "./address.ts";
import type { Address, Family } from "./address.ts";

/** A range by prefix, host bits masked. */
export interface Cidr {
  readonly family: Family;
  /** The first address. */
  readonly base: bigint;
  readonly prefix: number;
  /** Canonical: `10.0.0.0/8`, `2001:db8::/32` (RFC 5952). */
  readonly text: string;
}

/** An `ipBlock`: the range less its exceptions. An allow set, never a deny. */
export interface Block {
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

const bits = { 4: 32, 6: 128 } as const;

/**
 * Reads a CIDR as kube-apiserver does without strict validation (ParseCIDRSloppy of k8s.io/utils/net, a fork of Go's
 * net.ParseCIDR): leading zeros are decimal (010.0.0.1 is 10.0.0.1), bits beyond the prefix are masked, and an
 * IPv4-mapped range with at least 96 bits is that IPv4 range (Go's IPNet.Contains turns both sides to four bytes).
 * With strict validation (on from 1.36) these forms are refused, except where they are stored already.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const host = text.slice(0, slash);
  const v4 = parseIPv4(host);
  const value = v4 ?? parseIPv6(host);
  const prefix = decimal(text.slice(slash + 1));
  const family = v4 === undefined ? 6 : 4;
  if (value === undefined || prefix === undefined || prefix > bits[family]) return undefined;
  if (family === 6 && prefix >= 96 && value >> 32n === 0xffffn) {
    return cidr(4, value - mappedPrefix, prefix - 96);
  }
  return cidr(family, value, prefix);
}

/** The range of this family that begins at the address, host bits masked. */
export function cidr(family: Family, address: bigint, prefix: number): Cidr {
  const hostBits = BigInt(bits[family] - prefix);
  const base = (address >> hostBits) << hostBits;
  return { family, base, prefix, text: `${addressText({ family, value: base })}/${prefix}` };
}

/** The range of one address: /32 or /128. */
export function singleAddress(address: Address): Cidr {
  return cidr(address.family, address.value, bits[address.family]);
}

/** Whether every address of `inner` is in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && containsAddress(outer, { family: inner.family, value: inner.base });
}

/** Whether the address is in the range. */
export function containsAddress(range: Cidr, address: Address): boolean {
  if (range.family !== address.family) return false;
  const hostBits = BigInt(bits[range.family] - range.prefix);
  return (address.value ^ range.base) >> hostBits === 0n;
}

/** Whether the block holds the address: in the range and in none of the exceptions. */
export function blockHolds(block: Block, address: Address): boolean {
  return (
    containsAddress(block.cidr, address) && !block.except.some((range) => containsAddress(range, address))
  );
}

/** `a` without `b`, as the fewest ranges, in order. */
export function subtract(a: Cidr, b: Cidr): readonly Cidr[] {
  if (contains(b, a)) return [];
  if (!contains(a, b)) return [a];
  const parts: Cidr[] = [];
  for (let prefix = a.prefix + 1; prefix <= b.prefix; prefix += 1) {
    // The sibling of the range of this length that holds b.
    const sibling = b.base ^ (1n << BigInt(bits[a.family] - prefix));
    parts.push(cidr(a.family, sibling, prefix));
  }
  return parts.sort((x, y) => (x.base < y.base ? -1 : 1));
}

/** Addresses from and to, both included. */
export type Range = readonly [bigint, bigint];

/** Whether the blocks together hold every address of `block`. Exact. */
export function blocksCover(blocks: readonly Block[], block: Block): boolean {
  const { family } = block.cidr;
  return subtractRanges(rangesOf([block], family), rangesOf(blocks, family)).length === 0;
}

/** Whether the blocks together hold every address of the others, in one pass. Exact. */
export function blocksHold(blocks: readonly Block[], others: readonly Block[]): boolean {
  return ([4, 6] as const).every(
    (family) => subtractRanges(rangesOf(others, family), rangesOf(blocks, family)).length === 0,
  );
}

/** Whether one address is in both. Exact. */
export function blocksOverlap(a: Block, b: Block): boolean {
  if (a.cidr.family !== b.cidr.family) return false;
  const ranges = rangesOf([a], a.cidr.family);
  return addressCount(subtractRanges(ranges, rangesOf([b], b.cidr.family))) < addressCount(ranges);
}

/** Whether the blocks together hold at least numerator/denominator of all addresses of the family. Exact. */
export function unionCoversAtLeast(
  blocks: readonly Block[],
  family: Family,
  numerator: number,
  denominator: number,
): boolean {
  const held = addressCount(rangesOf(blocks, family));
  return held * BigInt(denominator) >= BigInt(numerator) << BigInt(bits[family]);
}

/** One address of each piece of the block that each of the others holds as a whole or not at all; in order. */
export function pieces(block: Block, others: readonly Block[]): readonly Address[] {
  const { family } = block.cidr;
  const cuts = new Set<bigint>();
  for (const other of others) {
    for (const range of [other.cidr, ...other.except]) {
      if (range.family !== family) continue;
      const [from, to] = rangeOf(range);
      cuts.add(from).add(to + 1n);
    }
  }
  const sorted = [...cuts].sort((a, b) => (a < b ? -1 : 1));
  return rangesOf([block], family)
    .flatMap(([from, to]) => [from, ...sorted.filter((cut) => from < cut && cut <= to)])
    .map((value) => ({ family, value }));
}

/** The ranges from one address to the one before another of its family, or to the family's last; the fewest. */
export function spanned(from: Address, before: Address | undefined): readonly Cidr[] {
  const width = bits[from.family];
  const end = before?.value ?? 1n << BigInt(width);
  const ranges: Cidr[] = [];
  let start = from.value;
  while (start < end) {
    let prefix = width;
    for (; prefix > 0; prefix -= 1) {
      const size = 1n << BigInt(width - prefix + 1);
      if (start % size !== 0n || start + size > end) break;
    }
    ranges.push(cidr(from.family, start, prefix));
    start += 1n << BigInt(width - prefix);
  }
  return ranges;
}

/** The addresses of a family that the blocks hold: sorted, disjoint, not adjacent. */
export function rangesOf(blocks: readonly Block[], family: Family): readonly Range[] {
  return mergeRanges(
    blocks
      .filter((block) => block.cidr.family === family)
      .flatMap(({ cidr: range, except }) =>
        subtractRanges(
          [rangeOf(range)],
          mergeRanges(except.filter((hole) => hole.family === family).map(rangeOf)),
        ),
      ),
  );
}

/** The first and the last address of a range. */
export function rangeOf({ family, base, prefix }: Cidr): Range {
  return [base, base + (1n << BigInt(bits[family] - prefix)) - 1n];
}

function addressCount(ranges: readonly Range[]): bigint {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1n, 0n);
}

function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  const merged: [bigint, bigint][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
    const last = merged.at(-1);
    if (last === undefined || from > last[1] + 1n) merged.push([from, to]);
    else if (to > last[1]) last[1] = to;
  }
  return merged;
}

/** Both sorted and disjoint. */
function subtractRanges(from: readonly Range[], holes: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const [start, end] of from) {
    let low = start;
    while ((holes[next]?.[1] ?? low) < low) next += 1;
    for (let i = next; low <= end; i += 1) {
      const hole = holes[i];
      if (hole === undefined || hole[0] > end) {
        rest.push([low, end]);
        break;
      }
      if (hole[0] > low) rest.push([low, hole[0] - 1n]);
      low = hole[1] + 1n;
    }
  }
  return rest;
}
