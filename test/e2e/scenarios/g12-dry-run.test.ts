import { expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { until } from "../../control-plane/wait.ts";
import { controlPlane, sharedRingfence, testNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, rulesOf, warningsOf } from "./scenario.ts";

const requests = "ringfence_admission_requests_total";

test("G12 R29: on a dry run what another object may cure warns, the rest is denied; nothing is written", async () => {
  const shop = await testNamespace(base);
  const count = async (decision: string): Promise<number> =>
    sumOf(await sharedRingfence().metrics(requests), requests, { decision, dry_run: "true" });
  const before = [await count("allowed"), await count("denied")] as const;
  const warned = await apply(shop, "g01-egress-default-deny", ["--dry-run=server"]);
  expect(warned.code).toBe(0);
  expect(warningsOf(warned)).toHaveLength(1);
  expect(warningsOf(warned)[0]).toMatch(/^missing-dns-egress/);
  const denied = await apply(shop, "g10-rules-outside-policy-types", ["--dry-run=server"]);
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual(["rules-outside-policy-types"]);
  expect(await policiesIn(shop)).toEqual([]);
  expect(await count("allowed")).toBeGreaterThan(before[0]);
  expect(await count("denied")).toBeGreaterThan(before[1]);
  // The log is written after the answer.
  const lines = await until("both dry runs to be logged", async () => {
    const all = (await sharedRingfence().log()).filter(
      ({ namespace, webhook, resource }) =>
        namespace === shop.name && webhook === "validate" && resource === "networkpolicies",
    );
    return all.length >= 2 && all;
  });
  expect(lines.map(({ dryRun, verdict }) => ({ dryRun, verdict }))).toEqual([
    { dryRun: true, verdict: "allowed" },
    { dryRun: true, verdict: "denied" },
  ]);
  const { items } = (await controlPlane().api.admin.expect(
    "GET",
    `/api/v1/namespaces/${shop.name}/events`,
  )) as { readonly items: readonly unknown[] };
  expect(items).toEqual([]);
  await expectSeen("g12-dry-run", warned, denied);
});
