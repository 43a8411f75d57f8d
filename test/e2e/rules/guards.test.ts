// What a tenant and an operator see by kubectl of the rules that guard Ringfence's hold and tell of namespaces' labels.
import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { base, rulesOf, run, runPods, warningsOf } from "../scenarios/scenario.ts";
import { ownRingfence, testNamespace } from "../support.ts";

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

const companion = (from: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ringfence-default-deny
  labels: { app.kubernetes.io/managed-by: ringfence }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [${from}] }
`;

test("R91: companion-protected lets nobody but operators make, edit or delete what Ringfence writes", async () => {
  const shop = await testNamespace();
  const intent = "ringfence.dev/network-policies=denyAll: { ingress: true }";
  const annotated = await run(shop, ["annotate", "namespace", shop.name, intent], { as: "operator" });
  expect(annotated.code, annotated.stderr).toBe(0);
  const made = await run(shop, ["create", "-f", "-"], { stdin: companion("") });
  expect([made.code, rulesOf(made)]).toEqual([1, ["companion-protected", "companion-protected"]]);
  const restored = await run(shop, ["apply", "-f", "-"], { stdin: companion(""), as: "operator" });
  expect(restored.code, restored.stderr).toBe(0);
  const open = "{ from: [{ podSelector: {} }] }";
  const edited = await run(shop, ["apply", "-f", "-"], { stdin: companion(open) });
  expect([edited.code, rulesOf(edited)]).toEqual([1, ["companion-protected"]]);
  const orphaned = await run(shop, [
    "label",
    "networkpolicy",
    "ringfence-default-deny",
    "app.kubernetes.io/managed-by-",
  ]);
  expect([orphaned.code, rulesOf(orphaned)]).toEqual([1, ["companion-protected"]]);
  const marked = await run(shop, ["label", "networkpolicy", "ringfence-default-deny", "cost=a1"]);
  expect(marked.code, marked.stderr).toBe(0);
  const remove = ["delete", "networkpolicy", "ringfence-default-deny"];
  await until(
    "the intent to be seen",
    async () => (await run(shop, [...remove, "--dry-run=server"])).code !== 0,
  );
  const deleted = await run(shop, remove);
  expect([deleted.code, rulesOf(deleted)]).toEqual([1, ["companion-protected"]]);
  const all = await run(shop, ["delete", "networkpolicies", "--all"]);
  expect([all.code, rulesOf(all)]).toEqual([1, ["companion-protected"]]);
  const byOperator = await run(shop, remove, { as: "operator" });
  expect(byOperator.code, byOperator.stderr).toBe(0);
  const names = { [shop.name]: "shop" };
  await expectGolden(
    transcript(made, edited, orphaned, deleted, byOperator),
    "rule-companion-protected.txt",
    names,
  );
});

test("R91: default-deny-defeated refuses to open all of what the intent closes", async () => {
  const shop = await testNamespace(base);
  const intent = "ringfence.dev/network-policies=denyAll: { ingress: true }";
  const annotated = await run(shop, ["annotate", "namespace", shop.name, intent]);
  expect(annotated.code, annotated.stderr).toBe(0);
  const stdin = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{}] }
`;
  const create = ["create", "-f", "-"];
  await until(
    "the intent to be seen",
    async () => (await run(shop, [...create, "--dry-run=server"], { stdin })).code !== 0,
  );
  const seen = await run(shop, create, { stdin });
  expect([seen.code, rulesOf(seen)]).toEqual([1, ["default-deny-defeated"]]);
  const operator = await run(shop, create, { stdin, as: "operator" });
  expect([operator.code, rulesOf(operator)]).toEqual([1, ["default-deny-defeated"]]);
  await expectGolden(transcript(seen), "rule-default-deny-defeated.txt", { [shop.name]: "shop" });
});

test("R91: exceeds-ceiling bounds what tenants open by policies and by intents, and no operator", async () => {
  const config = `apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
operators: { groups: [platform] }
ceiling:
  egress: [{ to: [{ podSelector: {} }] }, { to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }]
`;
  await ownRingfence("ceiling", { config });
  const shop = await testNamespace({}, { instance: "ceiling" });
  const out = (cidr: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: out }
spec: { podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: ${cidr} } }] }] }
`;
  const create = ["create", "-f", "-"];
  const world = await run(shop, create, { stdin: out("0.0.0.0/0") });
  expect([world.code, rulesOf(world)]).toEqual([1, ["exceeds-ceiling"]]);
  const inside = await run(shop, create, { stdin: out("10.3.0.0/16") });
  expect(inside.code, inside.stderr).toBe(0);
  const declare = (cidr: string): string[] => [
    "annotate",
    "--overwrite",
    "namespace",
    shop.name,
    `ringfence.dev/network-policies=allowEgressToCIDRs: [${cidr}]`,
  ];
  const declared = await run(shop, declare("203.0.113.0/24"));
  expect([declared.code, rulesOf(declared)]).toEqual([1, ["exceeds-ceiling"]]);
  const modest = await run(shop, declare("10.3.0.0/16"));
  expect(modest.code, modest.stderr).toBe(0);
  const operator = await run(shop, declare("203.0.113.0/24"), { as: "operator" });
  expect(operator.code, operator.stderr).toBe(0);
  await expectGolden(transcript(world, declared), "rule-exceeds-ceiling.txt", { [shop.name]: "shop" });
});
