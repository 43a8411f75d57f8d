import { expect, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support.ts";
import { until } from "../../control-plane/wait.ts";
import { apply, base, expectSeen, policiesIn, rulesOf, run, warningsOf, type Seen } from "./scenario.ts";

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

test.each(["enforce", "warn"])(
  "G15b R91: while the DNS is lost, a policy for ingress is told so as of the namespace, and as of before: %s",
  async (mode) => {
    const shop = await testNamespace();
    expect((await apply(shop, "g01-egress-default-deny")).code).toBe(0);
    const labelled = await run(shop, ["label", "namespace", shop.name, `ringfence.dev/${mode}=baseline`]);
    expect(labelled.code, labelled.stderr).toBe(0);
    const seen = async (): Promise<Seen> => apply(shop, "s07-default-deny-ingress", ["--dry-run=server"]);
    const warned = await until("the label to be seen", async () => {
      const result = await seen();
      return warningsOf(result).length > 0 ? result : undefined;
    });
    await expectSeen(`g15b-dns-allow-lost.beside-${mode}`, labelled, warned);
  },
);

test("G15b R91: the same loss by an update of the DNS allow is denied", async () => {
  const shop = await isolatedNamespace();
  const updated = await apply(shop, "g15b-dns-allow-lost");
  expect(updated.code).toBe(1);
  expect(rulesOf(updated)).toEqual(["missing-dns-egress"]);
  await expectSeen("g15b-dns-allow-lost.updated", updated);
});
