import { expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { controlPlane, ownRingfence, testNamespace, uniqueName } from "../support.ts";
import { base, rulesOf, run } from "../scenarios/scenario.ts";
import { orEd, policy } from "./policies.ts";

const faulty = { stdin: policy("p", orEd) };
const create = ["create", "-f", "-"];

test("R39: no label exempts a namespace, and a tenant cannot set ours", async () => {
  const shop = await testNamespace(base);
  const labels = ["ringfence.dev/exempt=true", "ringfence.dev/ignore=true"];
  const tenant = await run(shop, ["label", "namespace", shop.name, ...labels]);
  expect(rulesOf(tenant)).toEqual(["protected-namespace-label", "protected-namespace-label"]);
  const operator = await run(shop, ["label", "namespace", shop.name, ...labels], { as: "operator" });
  expect(operator.code, operator.stderr).toBe(0);
  expect(rulesOf(await run(shop, create, faulty))).toEqual(["or-ed-selectors"]);
});

test("R39: an update that loosens and sets such a label at once is judged as if it did not", async () => {
  const shop = await testNamespace(base);
  const labels = ["ringfence.dev/exempt=true", "ringfence.dev/enforce=privileged"];
  const denied = await run(shop, ["label", "--overwrite", "namespace", shop.name, ...labels]);
  expect(rulesOf(denied).toSorted()).toEqual(["mode-loosened", "protected-namespace-label"]);
});

test("R40: an exemption is for the namespace of that name; to forge the name in a label does not help", async () => {
  const instance = uniqueName("r40");
  const ringfence = await ownRingfence(instance);
  const [exempt, forger] = [await testNamespace(base, { instance }), await testNamespace(base, { instance })];
  await ringfence.rewriteConfig(`${defaultConfiguration}exemptions:\n  namespaces: [${exempt.name}]\n`);
  const label = `kubernetes.io/metadata.name=${exempt.name}`;
  const forged = await run(forger, ["label", "--overwrite", "namespace", forger.name, label], {
    as: "operator",
  });
  expect(forged.code, forged.stderr).toBe(0);
  const { stdout } = await run(forger, [
    "get",
    "namespace",
    forger.name,
    "-o",
    "jsonpath={.metadata.labels}",
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ "kubernetes.io/metadata.name": forger.name });
  expect(rulesOf(await run(forger, create, faulty))).toEqual(["or-ed-selectors"]);
  const applied = await run(exempt, create, faulty);
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  const { annotations } = await controlPlane().audit.event({
    resource: "networkpolicies",
    namespace: exempt.name,
  });
  expect(annotations?.["validate.ringfence.dev/skipped"]).toBe("exempt");
  const skipped = "ringfence_admission_skipped_total";
  expect(sumOf(await ringfence.metrics(skipped), skipped, { reason: "exempt" })).toBeGreaterThan(0);
});

test("R41: whoever is impersonated is judged as the one that the API server names", async () => {
  const shop = await testNamespace(base);
  const lower = ["label", "--overwrite", "namespace", shop.name, "ringfence.dev/enforce=privileged"];
  const as = (user: string, ...groups: string[]): string[] => [
    `--as=${user}`,
    ...groups.map((group) => `--as-group=${group}`),
  ];
  const tenant = await run(shop, [...lower, ...as("tom", "devs")], { as: "admin" });
  expect(rulesOf(tenant)).toEqual(["mode-loosened"]);
  expect(tenant.stderr).toContain("tom may not lower");
  const namesake = await run(shop, [...lower, ...as("platform", "devs")], { as: "admin" });
  expect(rulesOf(namesake), "a user by the name of the operators' group").toEqual(["mode-loosened"]);
  const operator = await run(shop, [...lower, ...as("anna", "platform")], { as: "admin" });
  expect(operator.code, operator.stderr).toBe(0);
});

test("R41: a service account is judged as anybody, whatever labels and annotations its objects carry", async () => {
  const shop = await testNamespace(base);
  const account = [`--as=system:serviceaccount:${shop.name}:deployer`, "--as-group=devs"];
  const claims = {
    labels: { "ringfence.dev/operator": "true", "app.kubernetes.io/managed-by": "platform" },
    annotations: { "ringfence.dev/user": "system:serviceaccount:ringfence-system:ringfence" },
  };
  const denied = await run(shop, [...create, ...account], { as: "admin", stdin: policy("p", orEd, claims) });
  expect(rulesOf(denied)).toEqual(["or-ed-selectors"]);
});
