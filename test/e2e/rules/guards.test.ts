// What a tenant and an operator see by kubectl of the rules that guard Ringfence's hold and tell of namespaces' labels.
import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { run, runPods, warningsOf } from "../scenarios/scenario.ts";
import { testNamespace } from "../support.ts";

test("R91: namespace-label-grants-access tells what a label opens elsewhere", async () => {
  const shop = await testNamespace({ "ringfence.dev/warn": "baseline" });
  const monitoring = await testNamespace();
  await runPods(shop, { "api-1": { app: "api" } });
  await runPods(monitoring, { "prometheus-0": { app: "prometheus" } });
  const readers = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: readers }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { metrics: ${shop.name} } } }] }]
`;
  const applied = await run(monitoring, ["apply", "-f", "-"], { stdin: readers });
  expect(applied.code, applied.stderr).toBe(0);
  const label = (...flags: string[]) =>
    run(shop, ["label", "namespace", shop.name, `metrics=${shop.name}`, ...flags]);
  const told = "namespace-label-grants-access at metadata.labels.metrics: its pods can now reach 1 pod";
  await until("the pods and the policy to be seen", async () =>
    warningsOf(await label("--dry-run=server")).some((line) => line.startsWith(told)),
  );
  const seen = await label();
  expect(seen.code, seen.stderr).toBe(0);
  const names = { [shop.name]: "shop", [monitoring.name]: "monitoring" };
  await expectGolden(transcript(seen), "rule-namespace-label-grants-access.txt", names);
});
