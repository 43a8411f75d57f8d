import { afterAll, beforeAll, expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { defaultConfiguration, startRingfence, type Ringfence } from "../../control-plane/ringfence.ts";
import { controlPlane, testNamespace, uniqueName, type TestNamespace } from "../support.ts";
import { apply, base, expectSeen, rulesOf } from "./scenario.ts";

const instance = uniqueName("g16");
let ringfence: Ringfence;

/** An exception is for one namespace by its name, so the configuration is written when that is known. */
const configuration = (namespace: string): string => `${defaultConfiguration}waivable: [or-ed-selectors]
exceptions:
  - rule: rules-outside-policy-types
    namespace: ${namespace}
    policies: vendor-*
    reason: the vendor's chart renders it so
    until: 2999-12-31
`;

beforeAll(async () => {
  ringfence = await startRingfence(controlPlane(), { instance, config: configuration("nowhere") });
});
afterAll(() => ringfence.stop());

const excused = "ringfence_rule_excused_total";
const count = async (rule: string, by: string): Promise<number> =>
  sumOf(await ringfence.metrics(excused), excused, { rule, by });

const shopOf = (): Promise<TestNamespace> => testNamespace(base, { instance });

test("G16: a permitted waiver with a reason is honoured and counted", async () => {
  const shop = await shopOf();
  const applied = await apply(shop, "g16-waivers.permitted");
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  expect(await count("or-ed-selectors", "waiver")).toBe(1);
  const { annotations } = await controlPlane().audit.event({
    resource: "networkpolicies",
    namespace: shop.name,
  });
  expect(annotations?.["validate.ringfence.dev/excused"]).toBe(
    "or-ed-selectors (waiver): the vendor ships it so, ticket NET-12",
  );
});

test.each([
  ["no-reason", "or-ed-selectors"],
  ["expired", "or-ed-selectors"],
  ["not-waivable", "rules-outside-policy-types"],
])("G16 R91: a waiver does not count: %s", async (why, rule) => {
  const shop = await shopOf();
  const denied = await apply(shop, `g16-waivers.${why}`);
  expect(denied.code).toBe(1);
  expect(rulesOf(denied)).toEqual([rule]);
  await expectSeen(`g16-waivers.${why}`, denied);
});

test("G16: a configured exception is honoured for its namespace and names, and counted", async () => {
  const [shop, other] = [await shopOf(), await shopOf()];
  await ringfence.rewriteConfig(configuration(shop.name));
  const applied = await apply(shop, "g16-waivers.excepted");
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  expect(await count("rules-outside-policy-types", "exception")).toBe(1);
  const { annotations } = await controlPlane().audit.event({
    resource: "networkpolicies",
    namespace: shop.name,
  });
  expect(annotations?.["validate.ringfence.dev/excused"]).toBe(
    "rules-outside-policy-types (exception): the vendor's chart renders it so",
  );
  expect((await apply(other, "g16-waivers.excepted")).code, "another namespace").toBe(1);
  expect((await apply(shop, "g10-rules-outside-policy-types")).code, "another name").toBe(1);
});
