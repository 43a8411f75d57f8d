import { expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { ownRingfence, testNamespace, uniqueName } from "../support.ts";
import { base, expectSeen, rulesOf, run } from "./scenario.ts";

const label = (name: string, ...labels: string[]): string[] => [
  "label",
  "--overwrite",
  "namespace",
  name,
  ...labels,
];

test("G14 R91: a tenant lowers the profile: denied; an operator does: applied", async () => {
  const shop = await testNamespace(base);
  const flags = label(shop.name, "ringfence.dev/enforce=privileged");
  const tenant = await run(shop, flags);
  expect(tenant.code).toBe(1);
  expect(rulesOf(tenant)).toEqual(["mode-loosened"]);
  const removed = await run(shop, label(shop.name, "ringfence.dev/enforce-"));
  expect(removed.code).toBe(1);
  expect(rulesOf(removed)).toEqual(["mode-loosened"]);
  const operator = await run(shop, flags, { as: "operator" });
  expect([operator.code, operator.stderr]).toEqual([0, ""]);
  await expectSeen("g14-mode-loosened.lowered", tenant, removed);
});

test("G14 R91: a tenant pins an older version: denied; an operator does: applied", async () => {
  const shop = await testNamespace(base);
  const flags = label(shop.name, "ringfence.dev/enforce-version=v1");
  const tenant = await run(shop, flags);
  expect(tenant.code).toBe(1);
  expect(rulesOf(tenant)).toEqual(["mode-loosened"]);
  const operator = await run(shop, flags, { as: "operator" });
  expect(operator.code, operator.stderr).toBe(0);
  await expectSeen("g14-mode-loosened.older-version", tenant);
});

test("G14: a guard's denial is counted once, whatever the modes", async () => {
  const ringfence = await ownRingfence("guard-count");
  const shop = await testNamespace(
    { ...base, "ringfence.dev/warn": "baseline", "ringfence.dev/audit": "baseline" },
    { instance: "guard-count" },
  );
  expect((await run(shop, label(shop.name, "ringfence.dev/enforce=privileged"))).code).toBe(1);
  const name = "ringfence_rule_findings_total";
  const samples = await ringfence.metrics(name);
  expect(sumOf(samples, name, { rule: "mode-loosened" })).toBe(1);
  expect(sumOf(samples, name, { rule: "mode-loosened", mode: "none" })).toBe(1);
});

test("G14: a tenant may tighten what it has, and loosen patch", async () => {
  const shop = await testNamespace({ ...base, "ringfence.dev/patch": "baseline" });
  const tightened = await run(
    shop,
    label(shop.name, "ringfence.dev/enforce=restricted", "ringfence.dev/warn=baseline"),
  );
  expect(tightened.code, tightened.stderr).toBe(0);
  const patch = await run(shop, label(shop.name, "ringfence.dev/patch=privileged"));
  expect(patch.code, patch.stderr).toBe(0);
});

test("G14b R91: a mistyped mode label: an operator is warned, a tenant denied, both are told what was meant", async () => {
  const shop = await testNamespace();
  const flags = label(shop.name, "ringfence.dev/enforc=baseline");
  const tenant = await run(shop, flags);
  expect(tenant.code).toBe(1);
  const operator = await run(shop, flags, { as: "operator" });
  expect(operator.code, operator.stderr).toBe(0);
  await expectSeen("g14b-protected-label.mistyped", tenant, operator);
});

test("G14b R91: a tenant creates a namespace with a protected label: denied; an operator does: applied", async () => {
  const shop = await testNamespace();
  const name = uniqueName("t");
  const stdin = [
    "apiVersion: v1",
    "kind: Namespace",
    "metadata:",
    `  name: ${name}`,
    "  labels:",
    '    policy-group.network.openshift.io/ingress: ""',
    "",
  ].join("\n");
  const tenant = await run(shop, ["create", "-f", "-"], { stdin });
  expect(tenant.code).toBe(1);
  expect(rulesOf(tenant)).toEqual(["protected-namespace-label"]);
  const operator = await run(shop, ["create", "-f", "-"], { stdin, as: "operator" });
  expect(operator.code, operator.stderr).toBe(0);
  await run(shop, ["delete", "namespace", name, "--wait=false"], { as: "admin" });
  await expectSeen("g14b-protected-label", {
    ...tenant,
    stderr: tenant.stderr.replaceAll(name, "newshop"),
  });
});
