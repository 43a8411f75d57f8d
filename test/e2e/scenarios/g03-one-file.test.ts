import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, rulesOf } from "./scenario.ts";

test("G3: deny and DNS allow in one file, deny first: the second apply of the file brings the rest", async () => {
  const shop = await testNamespace(base);
  const once = await apply(shop, "g03-one-file");
  expect(once.code).toBe(1);
  expect(rulesOf(once)).toEqual(["missing-dns-egress"]);
  expect(await policiesIn(shop)).toEqual(["allow-dns"]);
  const again = await apply(shop, "g03-one-file");
  expect(again.code).toBe(0);
  expect(await policiesIn(shop)).toEqual(["allow-dns", "default-deny-egress"]);
  await expectSeen("g03-one-file", once, again);
});
