import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, warningsOf } from "./scenario.ts";

test("G3c: server-side dry run first, then in name order: the dry run warns, both are applied", async () => {
  const shop = await testNamespace(base);
  const flags = ["--server-side", "--field-manager=deployer"];
  const dry = await apply(shop, "g03-one-file", [...flags, "--dry-run=server"]);
  expect(dry.code).toBe(0);
  expect(warningsOf(dry)).toHaveLength(1);
  expect(warningsOf(dry)[0]).toMatch(/^missing-dns-egress/);
  expect(await policiesIn(shop)).toEqual([]);
  const first = await apply(shop, "g02-dns-allow-first", flags);
  const second = await apply(shop, "g01-egress-default-deny", flags);
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(warningsOf(second)).toEqual([]);
  expect(await policiesIn(shop)).toEqual(["allow-dns", "default-deny-egress"]);
  await expectSeen("g03c-dry-run-first", dry, first, second);
});
