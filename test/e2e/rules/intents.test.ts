// What kubectl shows of the rules about the intents of namespaces.
import { expect, test } from "vitest";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { run } from "../scenarios/scenario.ts";
import { ownRingfence, testNamespace } from "../support.ts";

const annotation = "ringfence.dev/network-policies";

test("R91: intent-invalid names each fault by line and column, and what is allowed instead", async () => {
  const shop = await testNamespace({ "ringfence.dev/enforce": "baseline" });
  const intent = "denyall: true\nallowEgressToCIDRs: [10.0.5.1/24]\n";
  const denied = await run(shop, ["annotate", "namespace", shop.name, `${annotation}=${intent}`]);
  expect(denied.code).toBe(1);
  await expectGolden(transcript(denied), "rule-intent-invalid.txt", { [shop.name]: "shop" });
  const good = await run(shop, ["annotate", "namespace", shop.name, `${annotation}=denyAll: true`]);
  expect(good.code, good.stderr).toBe(0);
});

test("R91 C8: intent-loosened keeps a tenant from opening what the intent closes, and lets an operator", async () => {
  const shop = await testNamespace();
  const set = (text: string) => [
    "annotate",
    "--overwrite",
    "namespace",
    shop.name,
    text === "" ? `${annotation}-` : `${annotation}=${text}`,
  ];
  const made = await run(shop, set("denyAll: true"));
  expect(made.code, made.stderr).toBe(0);
  const opened = await run(shop, set("denyAll: { ingress: true }"));
  const removed = await run(shop, set(""));
  expect([opened.code, removed.code]).toEqual([1, 1]);
  await expectGolden(transcript(opened, removed), "rule-intent-loosened.txt", { [shop.name]: "shop" });
  const rewritten = await run(shop, set("allowIntraNamespace: true"));
  expect(rewritten.code, rewritten.stderr).toBe(0);
  const operator = await run(shop, set(""), { as: "operator" });
  expect(operator.code, operator.stderr).toBe(0);
});

test("R91 C12: where intents are required, a namespace is not born without one", async () => {
  const config = `${defaultConfiguration}intents: { required: true }\n`;
  await ownRingfence("intents-required", { config });
  const shop = await testNamespace({}, { instance: "intents-required" });
  const label = ["label", "namespace", shop.name, "ringfence.dev/enforce=baseline"];
  const denied = await run(shop, label);
  expect(denied.code).toBe(1);
  await expectGolden(transcript(denied), "rule-namespace-without-intent.txt", { [shop.name]: "shop" });
  const declared = await run(shop, ["annotate", "namespace", shop.name, `${annotation}=denyAll: true`]);
  expect(declared.code, declared.stderr).toBe(0);
  const enforced = await run(shop, label);
  expect(enforced.code, enforced.stderr).toBe(0);
});

test("C12: with patch, a namespace is born with the default intent's annotation", async () => {
  const config = `${defaultConfiguration}intents: { required: true, defaults: [{ namespaces: {}, intent: { denyAll: true } }] }\n`;
  await ownRingfence("intents-default", { config });
  const labels = { "ringfence.dev/enforce": "baseline", "ringfence.dev/patch": "baseline" };
  const shop = await testNamespace(labels, { instance: "intents-default" });
  const seen = await run(shop, ["get", "namespace", shop.name, "-o", "yaml"], { as: "operator" });
  expect(seen.stdout, seen.stderr).toMatch(/ringfence\.dev\/network-policies: \|\n +denyAll: true\n/);
});
