import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, restricted, rulesOf } from "./scenario.ts";

test("G17 R91: allow-all ingress is denied in restricted and applied in baseline", async () => {
  const shop = await testNamespace(restricted);
  const denied = await apply(shop, "g17-allow-all-ingress");
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual(["allow-all-ingress"]);
  await expectSeen("g17-allow-all-ingress", denied);
  const applied = await apply(await testNamespace(base), "g17-allow-all-ingress");
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
});
