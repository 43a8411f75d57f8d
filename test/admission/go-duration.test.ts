import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ownDeadline } from "#src/admission/deadline.ts";
import { parseGoDuration } from "#src/admission/go-duration.ts";

/** As Go's time.Duration prints whole milliseconds. */
function goText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = `${(milliseconds % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

describe("parseGoDuration", () => {
  test.each([
    ["5s", 5_000],
    ["1m0s", 60_000],
    ["500ms", 500],
    ["1h2m3.5s", 3_723_500],
    ["+1.5h", 5_400_000],
    [".5s", 500],
    ["1.s", 1_000],
    ["2us", 0.002],
    ["2µs", 0.002],
    ["3000000ns", 3],
  ])("reads %s", (text, milliseconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  test.each([
    "",
    "5",
    "s",
    "-5s",
    "0s",
    "5 s",
    " 5s",
    "5s ",
    "5S",
    "1m-1s",
    "1e3s",
    "5d",
    ".s",
    "9".repeat(100) + "s",
  ])("refuses %j", (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  test.prop([fc.integer({ min: 1, max: 10 * 3_600_000 })])("reads what Go prints", (milliseconds) => {
    expect(parseGoDuration(goText(milliseconds))).toBeCloseTo(milliseconds, 6);
  });

  test.prop([fc.string({ unit: fc.constantFrom(...Array.from("0123456789.smhunµ+- ")) })])(
    "never throws, never gives what no timer takes",
    (text) => {
      const milliseconds = parseGoDuration(text);
      expect(milliseconds === undefined || (milliseconds > 0 && Number.isFinite(milliseconds))).toBe(true);
    },
  );
});

describe("ownDeadline", () => {
  test.each([
    [undefined, 2_500],
    ["3s", 2_500],
    ["1s", 800],
    ["10h", 29_500],
    [["1s", "2s"], 2_500],
    [7, 2_500],
  ])("%j gives %i ms", (timeout, milliseconds) => {
    expect(ownDeadline(timeout)).toBe(milliseconds);
  });

  test.prop([fc.integer({ min: 1, max: 30_000 })])("keeps a margin, and most of the time", (milliseconds) => {
    const deadline = ownDeadline(`${milliseconds}ms`);
    expect(deadline).toBeLessThan(milliseconds);
    expect(deadline).toBeGreaterThanOrEqual(milliseconds * 0.8 - 1e-6);
  });
});
