import { expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { controlPlane, sharedRingfence, testNamespace } from "../support.ts";
import { apply, expectSeen, policiesIn, warningsOf } from "./scenario.ts";

const findings = "ringfence_rule_findings_total";

test("G11 R91: with warn and audit the egress default deny is applied: warning, audit annotations, metric", async () => {
  const shop = await testNamespace({ "ringfence.dev/warn": "baseline", "ringfence.dev/audit": "baseline" });
  const count = async (mode: string): Promise<number> =>
    sumOf(await sharedRingfence().metrics(findings), findings, { rule: "missing-dns-egress", mode });
  const before = [await count("warn"), await count("audit")] as const;
  const applied = await apply(shop, "g01-egress-default-deny");
  expect(applied.code).toBe(0);
  expect(warningsOf(applied)).toHaveLength(1);
  expect(warningsOf(applied)[0]).toMatch(/^missing-dns-egress/);
  expect(await policiesIn(shop)).toEqual(["default-deny-egress"]);
  const { annotations } = await controlPlane().audit.event({
    verb: "create",
    resource: "networkpolicies",
    namespace: shop.name,
  });
  expect(annotations?.["validate.ringfence.dev/audit-violations"]).toMatch(/^missing-dns-egress/);
  expect(await count("warn")).toBeGreaterThan(before[0]);
  expect(await count("audit")).toBeGreaterThan(before[1]);
  await expectSeen("g11-warn-and-audit", applied);
});
