/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** An address as a number of its family. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** What stands before an IPv4 address in its IPv6 form. */
export const mappedPrefix = 0xffffn << 32n;

/** Reads an address (ParseIPSloppy of k8s.io/utils/net); an IPv4-mapped IPv6 address is the IPv4 address. */
export function parseAddress(text: string): Address | undefined {
  const v4 = parseIPv4(text);
  if (v4 !== undefined) return { family: 4, value: v4 };
  const v6 = parseIPv6(text);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === 0xffffn ? { family: 4, value: v6 - mappedPrefix } : { family: 6, value: v6 };
}

/** Digits alone; Go's dtoi gives up at 0xFFFFFF. */
export function decimal(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return value < 0xffffff ? value : undefined;
}

/** The number of a dotted address. */
export function parseIPv4(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const digits of octets) {
    const octet = decimal(digits);
    if (octet === undefined || octet > 0xff) return undefined;
    value = value * 256 + octet;
  }
  return BigInt(value);
}

/** The number of an address with colons. */
export function parseIPv6(text: string): bigint | undefined {
  const [head, tail, ...more] = text.split("::");
  if (head === undefined || more.length > 0) return undefined;
  if (tail === undefined) return joinGroups(groups(head, true), [], false);
  // The dotted form ends the address: before "::" there is none.
  return joinGroups(groups(head, false), groups(tail, true), true);
}

/** The 16-bit groups of one side of "::"; a trailing dotted IPv4 address gives two. */
function groups(text: string, mayEndDotted: boolean): readonly bigint[] | undefined {
  if (text === "") return [];
  const result: bigint[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (mayEndDotted && i === parts.length - 1 && part.includes(".")) {
      const dotted = parseIPv4(part);
      if (dotted === undefined) return undefined;
      result.push(dotted >> 16n, dotted & 0xffffn);
    } else if (/^0*[0-9a-f]{1,4}$/i.test(part)) {
      result.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return result;
}

function joinGroups(
  head: readonly bigint[] | undefined,
  tail: readonly bigint[] | undefined,
  shortened: boolean,
): bigint | undefined {
  if (head === undefined || tail === undefined) return undefined;
  const count = head.length + tail.length;
  // "::" stands for at least one group.
  if (shortened ? count > 7 : count !== 8) return undefined;
  const all = [...head, ...new Array<bigint>(8 - count).fill(0n), ...tail];
  return all.reduce((value, group) => (value << 16n) | group, 0n);
}

/** An address in its canonical form (RFC 5952 for IPv6). */
export function addressText({ family, value }: Address): string {
  if (family === 4) {
    const number = Number(value);
    return `${number >>> 24}.${(number >>> 16) & 0xff}.${(number >>> 8) & 0xff}.${number & 0xff}`;
  }
  const all = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn);
  const [start, length] = longestZeros(all);
  const hex = all.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** Where the first longest run of zero groups begins, and its length. */
function longestZeros(all: readonly bigint[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  let start = 0;
  for (const [i, group] of all.entries()) {
    if (group !== 0n) start = i + 1;
    else if (i + 1 - start > best[1]) best = [start, i + 1 - start];
  }
  return best;
}
