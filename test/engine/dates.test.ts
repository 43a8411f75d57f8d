import { describe, expect, it } from "vitest";
import { stillValid } from "#src/engine/dates.ts";

describe("until", () => {
  it.each([
    ["2026-06-30", "2026-06-30T00:00:00.000Z", true],
    ["2026-06-30", "2026-06-30T23:59:59.999Z", true],
    ["2026-06-30", "2026-07-01T00:00:00.000Z", false],
    // 23:30 on 30 June in New York is the next day in UTC.
    ["2026-06-30", "2026-06-30T23:30:00-04:00", false],
    ["2028-02-29", "2028-02-29T12:00:00Z", true],
  ])("%s at %s: %s", (day, now, valid) => {
    expect(stillValid(day, new Date(now))).toBe(valid);
  });

  it.each([
    "2026-02-31",
    "2027-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-06-00",
    "2026-6-30",
    "26-06-30",
    "30.06.2026",
    "2026-06-30T00:00:00Z",
    " 2026-06-30",
    "+002026-06-30",
    "tomorrow",
    "",
  ])("%j is no day and counts as passed", (day) => {
    expect(stillValid(day, new Date("2020-01-01T00:00:00Z"))).toBe(false);
  });
});
