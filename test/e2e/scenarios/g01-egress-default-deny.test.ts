import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, rulesOf } from "./scenario.ts";

test("G1 R91: an egress default deny with nothing else there is denied, and the text says what to apply first", async () => {
  const shop = await testNamespace(base);
  const denied = await apply(shop, "g01-egress-default-deny");
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);
  expect(denied.stderr).toMatch(/k8s-app=kube-dns/);
  expect(denied.stderr).toMatch(/53\/UDP/);
  expect(denied.stderr).toMatch(/53\/TCP/);
  expect(denied.stderr).toMatch(/ringfence generate dns -n /);
  expect(await policiesIn(shop)).toEqual([]);
  await expectSeen("g01-egress-default-deny", denied);
});
