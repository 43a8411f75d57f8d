import { describe, expect, it } from "vitest";
import { waiverFor } from "#src/engine/waivers.ts";
import { settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";

const now = new Date("2026-06-30T18:00:00Z");
const waivable = settingsWith({ waivable: new Set(["example"]) });

function annotated(reason: string) {
  return policy(undefined, { annotations: { "waive.ringfence.dev/example": reason } });
}

function waived(reason: string, settings = waivable) {
  return waiverFor("example", policySubject({ object: annotated(reason) }), settings, now);
}

describe("a waiver on the object", () => {
  it.each([
    ["the chart of the vendor cannot be changed", true],
    ["until=2026-06-30 migration", true],
    ["migration until=2026-06-30", true],
    ["migration until=2026-06-29", false],
    ["migration until=2026-02-31", false],
    ["migration until=", false],
    ["migration until=soon", false],
    ["migration UNTIL=2026-06-29", false],
    ["migration,until=2026-06-29", false],
    ["migration, until = 2026-06-29", false],
    ["migration until=2027-01-01 until=2026-06-29", false],
    ["migration until=2026-06-29 until=2027-01-01", false],
    ["migration (until=2026-06-30, then gone)", true],
    ["the-until=x is no end", true],
    ["until=2027-01-01", false],
    ["", false],
    ["   ", false],
  ])("%j is honoured: %s", (reason, honoured) => {
    expect(waived(reason)?.honoured).toBe(honoured);
  });

  it("keeps the reason as it was written", () => {
    expect(waived(" migration until=2026-06-30 ")).toEqual({
      honoured: true,
      reason: "migration until=2026-06-30",
    });
  });

  it("says why it does not count", () => {
    expect(waived("because", settingsWith())).toEqual({
      honoured: false,
      refused: "configuration does not permit waivers of this rule",
    });
    expect(waived("x until=2026-02-31")).toEqual({
      honoured: false,
      refused: "until=2026-02-31 has passed or is no date (YYYY-MM-DD)",
    });
    expect(waived("until=2027-01-01")).toEqual({ honoured: false, refused: "it gives no reason" });
    expect(waived(`x until=${"9".repeat(200_000)}`)).toMatchObject({
      refused: `until=${"9".repeat(39)}… has passed or is no date (YYYY-MM-DD)`,
    });
  });

  it("concerns its own rule alone", () => {
    const subject = policySubject({ object: annotated("because") });
    expect(waiverFor("another", subject, waivable, now)).toBeUndefined();
    expect(waiverFor("constructor", subject, waivable, now)).toBeUndefined();
    expect(waiverFor("example", policySubject(), waivable, now)).toBeUndefined();
  });

  it("is read from the new object on UPDATE and from the old one on DELETE", () => {
    const plain = policy();
    const update = { operation: "UPDATE", object: plain, oldObject: annotated("because") } as const;
    expect(waiverFor("example", policySubject(update), waivable, now)).toBeUndefined();
    const deletion = policySubject({ operation: "DELETE", oldObject: annotated("because") });
    expect(waiverFor("example", deletion, waivable, now)?.honoured).toBe(true);
  });
});
