import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, rulesOf, runPods, type Seen } from "./scenario.ts";

test("G4: egress to the database alone, where another policy allows DNS, is applied", async () => {
  const shop = await testNamespace(base);
  const first = await apply(shop, "g02-dns-allow-first");
  const second = await apply(shop, "g04-union-admits-dns");
  expect([first.code, second.code, second.stderr]).toEqual([0, 0, ""]);
});

test("G5 R91: the same where nothing allows DNS is denied, and names the pods", async () => {
  const shop = await testNamespace(base);
  await runPods(shop, {
    "backend-6d4f8-x2v7p": { app: "backend" },
    "backend-6d4f8-zk9qm": { app: "backend" },
    "web-0": { app: "web" },
  });
  const denied = await until<Seen>("the pods to be named", async () => {
    const seen = await apply(shop, "g04-union-admits-dns");
    return seen.stderr.includes("backend-6d4f8-zk9qm") || seen.stderr.includes("2 pods") ? seen : undefined;
  });
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);
  expect(denied.stderr).toContain("app=backend");
  expect(denied.stderr).not.toContain("web-0");
  await expectSeen("g05-no-dns", denied);
});
