import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, rulesOf, runPods } from "./scenario.ts";

test("G19: policies with constructor, toString and hasOwnProperty among the label keys are judged like any other", async () => {
  const shop = await testNamespace(base);
  await runPods(shop, {
    "web-0": { constructor: "web", toString: "1" },
    gateway: { hasOwnProperty: "gateway" },
  });
  const clean = await apply(shop, "g19-label-keys.clean");
  expect([clean.code, clean.stderr]).toEqual([0, ""]);
  const faulty = await apply(shop, "g19-label-keys.faulty");
  expect(faulty.code).toBe(1);
  expect(rulesOf(faulty).toSorted()).toEqual(["or-ed-selectors", "unsatisfiable-selector"]);
});

test("G19 R91: and named in the text as they are", async () => {
  const shop = await testNamespace(base);
  await expectSeen("g19-label-keys", await apply(shop, "g19-label-keys.faulty"));
});
