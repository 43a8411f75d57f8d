import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, rulesOf } from "./scenario.ts";

test("G6 R91: one dash too many is denied with both readings, the near miss and the replacement", async () => {
  const shop = await testNamespace(base);
  const denied = await apply(shop, "g06-or-ed-selectors");
  expect(denied.code).toBe(1);
  expect(rulesOf(denied).toSorted()).toEqual([
    "dead-namespace-selector",
    "missing-dns-egress",
    "or-ed-selectors",
  ]);
  expect(denied.stderr).toContain("(3 findings)");
  expect(denied.stderr).toContain("kubernetes.io/metadata.name: kube-system");
  expect(await policiesIn(shop)).toEqual([]);
  await expectSeen("g06-or-ed-selectors", denied);
});
