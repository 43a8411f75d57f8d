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

test("G16 R91: an exception that has expired, or was mistyped, is told to who keeps the configuration and to who is denied", async () => {
  const shop = await shopOf();
  const expired = configuration(shop.name).replace("2999-12-31", "2020-01-01");
  const mistyped = configuration("legcy").split("exceptions:\n")[1] ?? "";
  await ringfence.rewriteConfig(expired + mistyped);
  for (const [index, problem] of ["it was valid until 2020-01-01", "there is no namespace legcy"].entries()) {
    const line = new RegExp(
      `exceptions\\[${index}\\] \\(rules-outside-policy-types for .*/vendor-\\*\\): ${problem}`,
    );
    await ringfence.awaitLog(problem, ({ exception }) => line.test(String(exception)));
    expect((await ringfence.readiness()).text).toMatch(line);
  }
  const denied = await apply(shop, "g16-waivers.excepted");
  expect(denied.code).toBe(1);
  await expectSeen("g16-waivers.exception-expired", denied);
});

test("G16 R91: a mistyped waiver is named, with what was meant", async () => {
  const shop = await shopOf();
  const denied = await apply(shop, "g16-waivers.mistyped");
  expect(denied.code).toBe(1);
  await expectSeen("g16-waivers.mistyped", denied);
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
