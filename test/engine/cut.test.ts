import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { cut } from "#src/engine/cut.ts";

describe("cut", () => {
  test.prop([fc.string({ unit: "binary", maxLength: 40 }), fc.integer({ min: 2, max: 40 })])(
    "keeps what fits, and never half a character",
    (text, length) => {
      const result = cut(text, length);
      expect(result.length).toBeLessThanOrEqual(length);
      expect(result.isWellFormed()).toBe(true);
      if (text.length <= length) expect(result).toBe(text);
      else expect(text.startsWith(result.slice(0, -1))).toBe(true);
    },
  );
});
