import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { post } from "./concurrent.ts";
import { apply, base, expectSeen, policiesIn } from "./scenario.ts";

test("G2: the DNS allow first, then the egress default deny: both are applied", async () => {
  const shop = await testNamespace(base);
  const first = await apply(shop, "g02-dns-allow-first");
  const second = await apply(shop, "g01-egress-default-deny");
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(await policiesIn(shop)).toEqual(["allow-dns", "default-deny-egress"]);
  await expectSeen("g02-dns-allow-first", first, second);
});

test("G2: also 10 ms apart", async () => {
  const shop = await testNamespace(base);
  const first = post(shop, "g02-dns-allow-first");
  await sleep(10);
  const second = post(shop, "g01-egress-default-deny");
  expect(await Promise.all([first, second])).toEqual([201, 201]);
});
