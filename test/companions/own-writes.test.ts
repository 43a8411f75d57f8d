import { describe, expect, test } from "vitest";
import { createOwnWrites, isAtLeast } from "#src/companions/own-writes.ts";
import { standingPolicy, type StandingPolicy } from "#src/view/companion-index.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";

const policy = (resourceVersion: string, uid = "p1"): NetworkPolicy => ({
  metadata: { namespace: "shop", name: "ringfence-a", uid, resourceVersion },
  spec: { podSelector: {} },
});
const seen = (...policies: readonly NetworkPolicy[]): Map<string, StandingPolicy> =>
  new Map(policies.map((each) => ["ringfence-a", standingPolicy(each)]));

describe("our own writes", () => {
  test("stand until the view has them or something later", () => {
    const writes = createOwnWrites(() => 0);
    writes.note("shop", "ringfence-a", policy("10"), "");
    expect(writes.over("shop", seen()).get("ringfence-a")?.resourceVersion).toBe("10");
    expect(writes.over("shop", seen(policy("9"))).get("ringfence-a")?.resourceVersion).toBe("10");
    expect(writes.over("shop", seen(policy("11"))).get("ringfence-a")?.resourceVersion).toBe("11");
    expect(writes.untilOverdue("shop")).toBeUndefined();
    // What has arrived is the view's matter from then on.
    expect(writes.over("shop", seen()).size).toBe(0);
  });

  test("that took something away hide it until the view has lost it", () => {
    const writes = createOwnWrites(() => 0);
    writes.note("shop", "ringfence-a", undefined, "p1");
    expect(writes.over("shop", seen(policy("9"))).size).toBe(0);
    writes.arrived("shop", "ringfence-a", undefined);
    expect(writes.over("shop", seen(policy("12", "p2"))).get("ringfence-a")?.uid).toBe("p2");
  });

  test("the end of an older object is not the end of ours", () => {
    const writes = createOwnWrites(() => 0);
    writes.note("shop", "ringfence-a", policy("12", "p2"), "");
    writes.arrived("shop", "ringfence-a", undefined);
    expect(writes.over("shop", seen()).get("ringfence-a")?.uid).toBe("p2");
  });

  test("that do not arrive are overdue after a while", () => {
    let now = 0;
    const writes = createOwnWrites(() => now);
    writes.note("shop", "ringfence-a", policy("10"), "");
    expect([writes.overdue("shop"), writes.untilOverdue("shop")]).toEqual([[], 15_000]);
    now = 15_000;
    expect([writes.overdue("shop"), writes.untilOverdue("shop")]).toEqual([["ringfence-a"], 0]);
    writes.forget("shop");
    expect(writes.overdue("shop")).toEqual([]);
  });

  test.each([
    ["10", "9", true],
    ["9", "10", false],
    ["10", "10", true],
    ["99999999999999999999", "99999999999999999998", true],
    ["a", "b", true],
  ])("version %s is at least %s: %s", (version, other, expected) => {
    expect(isAtLeast(version, other)).toBe(expected);
  });
});
