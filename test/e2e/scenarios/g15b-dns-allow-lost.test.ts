import { expect, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, rulesOf, run, warningsOf } from "./scenario.ts";

async function isolatedNamespace(): Promise<TestNamespace> {
  const shop = await testNamespace(base);
  for (const file of ["g02-dns-allow-first", "g01-egress-default-deny"]) {
    const { code, stderr } = await apply(shop, file);
    expect(code, stderr).toBe(0);
  }
  return shop;
}

test("G15b R91: the DNS allow is deleted while the deny stands: allowed, with a warning", async () => {
  const shop = await isolatedNamespace();
  const deleted = await run(shop, ["delete", "networkpolicy", "allow-dns"]);
  expect(deleted.code, deleted.stderr).toBe(0);
  expect(warningsOf(deleted)).toHaveLength(1);
  expect(warningsOf(deleted)[0]).toMatch(/^missing-dns-egress/);
  expect(await policiesIn(shop)).toEqual(["default-deny-egress"]);
  await expectSeen("g15b-dns-allow-lost.deleted", deleted);
});

test("G15b R91: the same loss by an update of the DNS allow is denied", async () => {
  const shop = await isolatedNamespace();
  const updated = await apply(shop, "g15b-dns-allow-lost");
  expect(updated.code).toBe(1);
  expect(rulesOf(updated)).toEqual(["missing-dns-egress"]);
  await expectSeen("g15b-dns-allow-lost.updated", updated);
});
