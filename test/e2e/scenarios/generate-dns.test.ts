import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, policiesIn, rulesOf } from "./scenario.ts";

const ringfence = fileURLToPath(new URL("../../../bin/ringfence", import.meta.url));

test("what generate dns prints is applied by kubectl and cures the denial that speaks of it", async () => {
  const shop = await testNamespace(base);
  expect(rulesOf(await apply(shop, "g01-egress-default-deny"))).toEqual(["missing-dns-egress"]);
  const printed = await promisify(execFile)(process.execPath, [
    ringfence,
    "generate",
    "dns",
    "-n",
    shop.name,
  ]);
  expect(printed.stderr).toBe("");
  const applied = await shop.applyAs("tenant", printed.stdout);
  expect(applied).toMatchObject({ code: 0, stderr: "" });
  const second = await apply(shop, "g01-egress-default-deny");
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(await policiesIn(shop)).toEqual(["allow-dns", "default-deny-egress"]);
});
