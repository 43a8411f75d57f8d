import { expect, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support.ts";
import { apply, base, expectSeen, restricted, rulesOf, run } from "./scenario.ts";

async function ports(shop: TestNamespace): Promise<unknown> {
  const path = "jsonpath={.spec.egress[*].ports}";
  const { stdout } = await run(shop, ["get", "networkpolicy", "api-dns", "-o", path]);
  return JSON.parse(stdout);
}

test("G7: the two items merged into one, UDP only, is applied in baseline", async () => {
  const shop = await testNamespace(base);
  const applied = await apply(shop, "g07-dns-udp-only");
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  expect(await ports(shop)).toEqual([{ protocol: "UDP", port: 53 }]);
});

test("G7 R91: in restricted it is denied", async () => {
  const shop = await testNamespace(restricted);
  const denied = await apply(shop, "g07-dns-udp-only");
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual(["dns-udp-only"]);
  await expectSeen("g07-dns-udp-only.denied", denied);
});

test("G7 R91: where the namespace asks for patches it is applied with the TCP port added, and says so", async () => {
  const shop = await testNamespace({ ...restricted, "ringfence.dev/patch": "restricted" });
  const applied = await apply(shop, "g07-dns-udp-only");
  expect(applied.code, applied.stderr).toBe(0);
  expect(await ports(shop)).toEqual([
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ]);
  await expectSeen("g07-dns-udp-only.patched", applied);
});
