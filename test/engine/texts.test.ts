import { describe, expect, it } from "vitest";
import { denialText, plural, warningText } from "#src/engine/texts.ts";
import type { Finding } from "#src/model/finding.ts";
import type { Judged } from "#src/model/verdict.ts";
import { finding, rule, type Shape } from "../support/rules.ts";

function judged(change: Partial<Finding> = {}, shape: Shape = {}, note?: string): Judged {
  return {
    rule: rule(shape),
    finding: finding(change),
    introduced: true,
    effect: "deny",
    modes: ["enforce"],
    ...(note === undefined ? {} : { note }),
  };
}

describe("a denial", () => {
  it("names the object, what it breaks, and each finding with its place and remedy", () => {
    const message = { text: "{{what}} is wrong,\nand so is that.", remedy: "Write {{what}} anew." };
    const findings = [
      judged({ path: ["spec", "egress", 1, "to"] }, { message }),
      judged({ path: ["metadata", "labels", "ringfence.dev/enforce"], data: { what: 7 } }),
      judged({ path: [] }, { id: "other" }, "The waiver on this object does not count: it gives no reason."),
    ];
    expect(denialText("NetworkPolicy shop/api", "profile baseline", findings)).toBe(
      `NetworkPolicy shop/api breaks profile baseline (3 findings)
- example at spec.egress[1].to: this is wrong,
  and so is that.
  Write this anew.
- example at metadata.labels[ringfence.dev/enforce]: 7 is wrong.
  Write that.
- other: this is wrong.
  Write that.
  The waiver on this object does not count: it gives no reason.`,
    );
  });

  it("indents every line of a finding", () => {
    const message = { text: "One.\nTwo.", remedy: "Three.\nFour." };
    const text = denialText("Namespace shop", "a guard", [judged({ path: [] }, { message }, "Five.\nSix.")]);
    expect(text.split("\n").slice(1)).toEqual([
      "- example: One.",
      ...["Two.", "Three.", "Four.", "Five.", "Six."].map((line) => `  ${line}`),
    ]);
  });

  it("indents further lines of what stands in a text", () => {
    const message = { text: "{{what}}.", remedy: "Not {{what}}." };
    const text = denialText("Namespace shop", "a guard", [
      judged({ path: [], data: { what: "a\nb" } }, { message }),
    ]);
    expect(text.split("\n").slice(1)).toEqual(["- example: a", "  b.", "  Not a", "  b."]);
  });

  it("of one finding says so", () => {
    expect(denialText("Namespace shop", "a guard", [judged()])).toMatch(
      /^Namespace shop breaks a guard \(1 finding\)\n/,
    );
  });

  it("lists twenty and says how many were left out", () => {
    const many = Array.from({ length: 23 }, (_, index) => judged({ path: ["spec", "egress", index] }));
    const lines = denialText("NetworkPolicy shop/api", "profile baseline", many).split("\n");
    expect(lines[0]).toContain("(23 findings)");
    expect(lines.filter((line) => line.startsWith("- example at "))).toHaveLength(20);
    expect(lines.at(-1)).toBe("- and 3 more");
    const twenty = denialText("NetworkPolicy shop/api", "profile baseline", many.slice(0, 20));
    expect(twenty).not.toContain("more");
  });
});

describe("long values", () => {
  const long = "x".repeat(200_000);

  it("are cut in a denial, so that the remedy behind them is seen", () => {
    const text = denialText("NetworkPolicy shop/api", "profile baseline", [judged({ data: { what: long } })]);
    expect(text).toMatch(/x… is wrong\.\n {2}Write that\.$/);
    expect(text.length).toBeLessThan(600);
  });

  it("do not take away why it only warns", () => {
    const line = warningText(judged({ data: { what: long } }), " (stood before this request)");
    expect(line).toMatch(/… \(stood before this request\)$/);
    expect(line).toHaveLength(256);
  });
});

describe("a warning", () => {
  it("is one line that begins with the rule's id", () => {
    expect(warningText(judged({ path: ["spec", "egress"] }))).toBe(
      "example at spec.egress: this is wrong; write that",
    );
    expect(warningText(judged({ path: [] }), " (stood before this request)")).toBe(
      "example: this is wrong; write that (stood before this request)",
    );
  });

  it("is at most 256 characters long, whatever the data", () => {
    const long = warningText(judged({ data: { what: "x".repeat(1_000) } }));
    expect(long).toHaveLength(256);
    expect(long.endsWith("…")).toBe(true);
  });
});

it("plural", () => {
  expect([0, 1, 2].map((count) => plural(count, "finding"))).toEqual([
    "0 findings",
    "1 finding",
    "2 findings",
  ]);
});
