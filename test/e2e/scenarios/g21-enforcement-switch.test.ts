import { expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { ownRingfence, testNamespace, uniqueName } from "../support.ts";
import { apply, base, expectSeen, policiesIn, rulesOf, run, warningsOf } from "./scenario.ts";

test("G21 R91: enforcement is switched to warn in the configuration file, and back", async () => {
  const instance = uniqueName("g21");
  const ringfence = await ownRingfence(instance);
  const shop = await testNamespace(base, { instance });
  const state = async (): Promise<string | undefined> =>
    (await ringfence.metrics("ringfence_enforcement")).find(({ value }) => value === 1)?.labels.get("state");
  expect(await state()).toBe("on");
  const denied = await apply(shop, "g01-egress-default-deny");
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);

  await ringfence.rewriteConfig(`${defaultConfiguration}enforcement: warn\n`);
  const warned = await apply(shop, "g01-egress-default-deny");
  expect(warned.code, warned.stderr).toBe(0);
  expect(warningsOf(warned)).toHaveLength(1);
  expect(warningsOf(warned)[0]).toMatch(/^missing-dns-egress/);
  expect(await policiesIn(shop)).toEqual(["default-deny-egress"]);
  expect(await state()).toBe("warn");
  expect((await ringfence.readiness()).text).toMatch(/^enforcement: warn/m);

  await run(shop, ["delete", "networkpolicy", "default-deny-egress"]);
  await ringfence.rewriteConfig(defaultConfiguration);
  const again = await apply(shop, "g01-egress-default-deny");
  expect(rulesOf(again)).toEqual(["missing-dns-egress"]);
  expect(await state()).toBe("on");
  expect((await ringfence.readiness()).text).toMatch(/^enforcement: on/m);
  await expectSeen("g21-enforcement-switch", denied, warned, again);
});

test("G21: a configuration that is wrong leaves the last good one in force, and is seen", async () => {
  const instance = uniqueName("g21");
  const ringfence = await ownRingfence(instance);
  const shop = await testNamespace(base, { instance });
  await ringfence.rewriteConfig(`${defaultConfiguration}enforcment: warn\n`);
  expect(rulesOf(await apply(shop, "g01-egress-default-deny"))).toEqual(["missing-dns-egress"]);
  const { status, text } = await ringfence.readiness();
  expect(status).toBe(200);
  expect(text).toMatch(/config\.yaml:\d+:\d+/);
  const reload = "ringfence_config_last_reload_successful";
  expect(sumOf(await ringfence.metrics(reload), reload)).toBe(0);
});
