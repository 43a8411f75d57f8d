import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { parseCidr } from "#src/network/cidr.ts";
import { looseCidr } from "#src/network/strict-cidr.ts";

// What netip.ParsePrefix of Go, Is4In6 and Masked say of each, by hand.
test.each([
  ["10.0.0.5/24", "hostBits", "10.0.0.0/24", "10.0.0.5/32"],
  ["2001:db8::1/64", "hostBits", "2001:db8::/64", "2001:db8::1/128"],
  ["010.0.0.5/24", "hostBits", "10.0.0.0/24", "10.0.0.5/32"],
  ["010.0.0.0/8", "leadingZeros", "10.0.0.0/8", "10.0.0.0/32"],
  ["10.0.0.00/8", "leadingZeros", "10.0.0.0/8", "10.0.0.0/32"],
  ["10.0.0.0/08", "leadingZeros", "10.0.0.0/8", "10.0.0.0/32"],
  ["00db8::/32", "leadingZeros", "db8::/32", "db8::/128"],
  ["::ffff:10.0.0.0/104", "mapped", "10.0.0.0/8", "10.0.0.0/32"],
  ["::ffff:a00:0/104", "mapped", "10.0.0.0/8", "10.0.0.0/32"],
] as const)("%s: %s", (text, fault, range, address) => {
  expect(looseCidr(text)).toEqual({ fault, range, address });
});

test.each([
  "10.0.0.0/8",
  "0.0.0.0/0",
  "10.0.0.5/32",
  "2001:db8::/32",
  "::/0",
  // Not in the form of RFC 5952, and accepted.
  "2001:DB8::/32",
  "2001:0db8:0:0::/64",
  "64:ff9b::10.0.0.0/104",
])("%s is accepted", (text) => {
  expect(looseCidr(text)).toBeUndefined();
});

test.each(["", "10.0.0.0", "10.0.0.0/33", "x/8", "::ffff:1.2.3.4.5/96"])(
  "%j is refused by everybody, and not ours to name",
  (text) => {
    expect(looseCidr(text)).toBeUndefined();
  },
);

describe("what is named instead", () => {
  const octet = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.boolean())
    .map(([n, zero]) => `${zero ? "0" : ""}${n}`);
  const written = fc
    .tuple(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 0, max: 32 }))
    .map(([octets, prefix]) => `${octets.join(".")}/${prefix}`);

  property.prop([written])("means the same, and is accepted", (text) => {
    const loose = looseCidr(text);
    if (loose === undefined) expect(parseCidr(text)?.text).toBe(text);
    else {
      expect(loose.range).toBe(parseCidr(text)?.text);
      expect(looseCidr(loose.range)).toBeUndefined();
      expect(looseCidr(loose.address)).toBeUndefined();
    }
  });
});
