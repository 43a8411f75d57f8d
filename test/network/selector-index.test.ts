import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { matches } from "#src/network/selector.ts";
import { SelectorIndex } from "#src/network/selector-index.ts";
import { allLabelSets, podSelector } from "./arbitraries.ts";

test.prop([fc.array(podSelector, { maxLength: 6 })])(
  "finds of many selectors each that matches, once, and no other",
  (selectors) => {
    const items = selectors.map((selector, id) => ({ id, selector }));
    const index = new SelectorIndex(items, ({ selector }) => selector);
    for (const labels of allLabelSets()) {
      const found = index.matching(labels, workBudget(1));
      const expected = items.filter(({ selector }) => matches(selector, labels));
      expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
    }
  },
);
