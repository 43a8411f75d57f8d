import { expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { controlPlane, ownRingfence, testNamespace, uniqueName } from "../support.ts";
import { apply, base, rulesOf, run, warningsOf } from "../scenarios/scenario.ts";
import { orEd, policy } from "./policies.ts";

const findings = "ringfence_rule_findings_total";
const validate = "validate.ringfence.dev";

test("R87: under audit alone a violation is allowed without a warning, annotated and counted", async () => {
  const instance = uniqueName("r87");
  const ringfence = await ownRingfence(instance);
  const shop = await testNamespace({ "ringfence.dev/audit": "baseline" }, { instance });
  const applied = await apply(shop, "g06-or-ed-selectors");
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  const { annotations } = await controlPlane().audit.event({
    resource: "networkpolicies",
    namespace: shop.name,
  });
  const text = annotations?.[`${validate}/audit-violations`] ?? "";
  for (const rule of ["or-ed-selectors", "dead-namespace-selector", "missing-dns-egress"]) {
    expect(text).toContain(`${rule} at spec.egress`);
    const labels = { rule, mode: "audit", effect: "audit" };
    expect(sumOf(await ringfence.metrics(findings), findings, labels), rule).toBe(1);
  }
  expect(text).not.toContain("\n");
});

test("R11 R12: the audit annotations of a denial name rule and mode, under keys that the API server keeps", async () => {
  const shop = await testNamespace(base);
  const denied = await apply(shop, "g10-rules-outside-policy-types");
  expect(denied.code).toBe(1);
  const { annotations } = await controlPlane().audit.event({
    resource: "networkpolicies",
    namespace: shop.name,
  });
  expect(annotations?.[`${validate}/enforce-policy`]).toBe("baseline:latest");
  expect(annotations?.[`${validate}/enforce-violations`]).toMatch(
    /^rules-outside-policy-types at spec\.egress/,
  );
});

test("R89: a denial is seen in the metrics of the API server", async () => {
  const shop = await testNamespace(base);
  const metric = "apiserver_admission_webhook_rejection_count";
  const labels = { name: validate, error_type: "no_error", rejection_code: "403", operation: "CREATE" };
  const count = async (): Promise<number> => sumOf(await controlPlane().metrics(metric), metric, labels);
  const before = await count();
  expect((await apply(shop, "g10-rules-outside-policy-types")).code).toBe(1);
  expect(await count()).toBeGreaterThan(before);
});

test("R10: what a user wrote into an annotation cannot cost the warning that quotes it", async () => {
  const instance = uniqueName("r10");
  const config = `${defaultConfiguration}enforcement: warn\nwaivable: [or-ed-selectors]\n`;
  const ringfence = await ownRingfence(instance, { config });
  const shop = await testNamespace(base, { instance });
  const waiver = {
    "waive.ringfence.dev/or-ed-selectors": "the vendor\n\tships it so until=\u001b[31m2020\u0007",
  };
  const stdin = policy("p", orEd, { annotations: waiver });
  const warned = await run(shop, ["create", "-f", "-"], { stdin });
  expect(warned.code, warned.stderr).toBe(0);
  expect(warningsOf(warned)).toHaveLength(1);
  expect(warningsOf(warned)[0]).toMatch(
    /^or-ed-selectors at .*the waiver on this object does not count: until=/,
  );
  await ringfence.rewriteConfig(`${defaultConfiguration}waivable: [or-ed-selectors]\n`);
  const again = await run(shop, ["create", "-f", "-"], { stdin: policy("q", orEd, { annotations: waiver }) });
  expect(rulesOf(again)).toEqual(["or-ed-selectors"]);
  expect(warned.stderr + again.stderr).not.toContain("\u001b");
});
