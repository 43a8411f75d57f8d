import { describe, expect, test } from "vitest";
import { decide, sight, specAfter, type Candidate } from "#src/kubernetes/lease-decision.ts";
import type { Lease, LeaseSpec } from "#src/wire/lease.ts";

const self: Candidate = { identity: "a", duration: 15_000 };
const leaseOf = (version: string, spec?: LeaseSpec): Lease => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { resourceVersion: version },
  ...(spec && { spec }),
});
const others = (version: string, more: LeaseSpec = {}): Lease =>
  leaseOf(version, { holderIdentity: "b", leaseDurationSeconds: 15, ...more });

describe("a lease of another", () => {
  test("is waited for as long as it lasts since it was seen, whatever its times say", () => {
    const old = others("1", { renewTime: "1970-01-01T00:00:00.000000Z" });
    const seen = sight(undefined, old, self, 500_000);
    expect(decide(old, seen, self, 514_999)).toEqual({ type: "wait", holder: "b" });
    expect(decide(old, seen, self, 515_000)).toEqual({ type: "take" });
  });

  test("is waited for anew after each renewal, though the holder's calendar stands still", () => {
    const first = sight(undefined, others("1", { renewTime: "x" }), self, 0);
    const second = sight(first, others("2", { renewTime: "x" }), self, 14_000);
    expect(decide(others("2"), second, self, 20_000).type).toBe("wait");
    expect(sight(second, others("2"), self, 25_000)).toBe(second);
  });

  test("lasts as long as either of both says", () => {
    const long = others("1", { leaseDurationSeconds: 60 });
    expect(decide(long, sight(undefined, long, self, 0), self, 59_999).type).toBe("wait");
    const short = others("1", { leaseDurationSeconds: 1 });
    expect(decide(short, sight(undefined, short, self, 0), self, 14_999).type).toBe("wait");
    const bare = leaseOf("1", { holderIdentity: "b" });
    expect(decide(bare, sight(undefined, bare, self, 0), self, 14_999).type).toBe("wait");
  });

  test("that was deleted is waited for all the same: its holder does not know yet", () => {
    const seen = sight(undefined, others("1"), self, 0);
    expect(decide(undefined, sight(seen, undefined, self, 1_000), self, 1_000).type).toBe("wait");
    expect(decide(undefined, seen, self, 15_000)).toEqual({ type: "create" });
  });
});

test.each([
  ["none is there", undefined, "create"],
  ["it is nobody's", leaseOf("1", { holderIdentity: "" }), "take"],
  ["it says nothing", leaseOf("1"), "take"],
  ["it is ours", leaseOf("1", { holderIdentity: "a" }), "renew"],
] as const)("%s", (_what, lease, step) => {
  expect(decide(lease, sight(undefined, lease, self, 0), self, 0)).toEqual({ type: step });
});

test("our own lease is renewed however old it is, and made again where it was deleted", () => {
  const ours = leaseOf("1", { holderIdentity: "a" });
  const seen = sight(undefined, ours, self, 0);
  expect(decide(ours, seen, self, 1e9)).toEqual({ type: "renew" });
  expect(decide(undefined, seen, self, 1)).toEqual({ type: "create" });
});

test("what is written into the lease", () => {
  const time = new Date("2026-03-01T10:00:00.123Z");
  const microTime = "2026-03-01T10:00:00.123000Z";
  const created = specAfter("create", {}, { identity: "a", duration: 1_500 }, time);
  expect(created).toEqual({
    holderIdentity: "a",
    leaseDurationSeconds: 2,
    acquireTime: microTime,
    renewTime: microTime,
    leaseTransitions: 0,
  });
  const later = new Date("2026-03-01T10:00:02.000Z");
  const renewed = specAfter("renew", created, self, later);
  expect(renewed).toMatchObject({ acquireTime: microTime, renewTime: "2026-03-01T10:00:02.000000Z" });
  expect(renewed.leaseTransitions).toBe(0);
  expect(specAfter("release", renewed, self, later).holderIdentity).toBe("");
  const taken = specAfter("take", { ...renewed, ...{ strategy: "kept" } }, { ...self, identity: "b" }, later);
  expect(taken).toMatchObject({ holderIdentity: "b", leaseTransitions: 1, strategy: "kept" });
});
