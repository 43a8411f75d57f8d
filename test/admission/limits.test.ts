import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { boundedAnnotations, boundedMessage, boundedWarnings } from "#src/admission/limits.ts";

const anyText = fc.string({ unit: "binary", maxLength: 400 });
const runes = (text: string): number => Array.from(text).length;

describe("boundedWarnings", () => {
  test.prop([fc.array(anyText, { maxLength: 60 })])(
    "whatever is in them, the API server passes every one of them on as it is",
    (warnings) => {
      const bounded = boundedWarnings(warnings);
      for (const warning of bounded) {
        expect(warning).not.toMatch(/\p{Cc}/u);
        expect(warning.isWellFormed()).toBe(true);
        expect(warning).not.toBe("");
        expect(runes(warning)).toBeLessThanOrEqual(256);
      }
      expect(new Set(bounded).size).toBe(bounded.length);
      expect(bounded.reduce((sum, warning) => sum + runes(warning), 0)).toBeLessThan(4_096);
    },
  );

  test.prop([fc.array(fc.string({ minLength: 1, maxLength: 100 }), { minLength: 1, maxLength: 200 })])(
    "those kept and those counted are all of them",
    (texts) => {
      const warnings = texts.map((text, index) => `${index} ${text}`);
      const bounded = boundedWarnings(warnings);
      const left = /^… and (\d+) more warnings$/.exec(bounded.at(-1) ?? "");
      expect(left === null ? bounded.length : bounded.length - 1 + Number(left[1])).toBe(warnings.length);
    },
  );
});

describe("boundedAnnotations", () => {
  test.prop([fc.dictionary(anyText, anyText)])("keys are names without a prefix", (annotations) => {
    for (const key of Object.keys(boundedAnnotations(annotations))) {
      expect(key).toMatch(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
    }
  });
});

describe("boundedMessage", () => {
  test("what is short stays as it is, newlines kept", () => {
    expect(boundedMessage("a\n- b\n- c")).toBe("a\n- b\n- c");
  });

  test("one endless finding is cut with the count of characters", () => {
    const bounded = boundedMessage("x".repeat(20_000));
    expect(bounded).toMatch(/^x{16384}… \(3616 characters left out\)$/);
  });
});
