import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, rulesOf } from "./scenario.ts";

test("G10 R91: egress rules in a policy of type Ingress only are denied", async () => {
  const shop = await testNamespace(base);
  const denied = await apply(shop, "g10-rules-outside-policy-types");
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual(["rules-outside-policy-types"]);
  await expectSeen("g10-rules-outside-policy-types", denied);
});
