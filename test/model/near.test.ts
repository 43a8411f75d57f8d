import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { nearNames } from "../../src/model/near.ts";

describe("nearNames", () => {
  it.each([
    ["basline", ["privileged", "baseline", "restricted"], ["baseline"]],
    ["wran", ["warn", "audit"], ["warn"]],
    ["MISSING-DNS-EGRESS", ["missing-dns-egress"], ["missing-dns-egress"]],
    [
      "allow-all",
      ["allow-all-ingress", "allow-all-egress", "or-ed-selectors"],
      ["allow-all-egress", "allow-all-ingress"],
    ],
    ["zebra", ["warn", "audit"], []],
    ["", ["warn"], []],
  ])("of %s among %j are %j", (typed, known, near) => {
    expect(nearNames(typed, known)).toEqual(near);
  });

  test.prop([fc.string({ minLength: 2, maxLength: 60 }), fc.nat()])("one letter away is near", (name, at) => {
    const cut = at % name.length;
    expect(nearNames(name.slice(0, cut) + name.slice(cut + 1), [name])).toEqual([name]);
  });
});
