import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import {
  expectSeen,
  policiesIn,
  restricted,
  rulesOf,
  run,
  runPods,
  type Seen,
} from "../scenarios/scenario.ts";
import { controlPlane, testNamespace, type TestNamespace } from "../support.ts";

const policy = (name: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name} }
spec: { podSelector: {}, policyTypes: [Ingress] }
`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      automountServiceAccountToken: false
      containers: [{ name: web, image: example.com/web:1 }]
`;

async function applied(shop: TestNamespace, yaml: string): Promise<void> {
  const { code, stderr } = await run(shop, ["apply", "-f", "-"], { stdin: yaml });
  expect(code, stderr).toBe(0);
}

const deletion = (shop: TestNamespace, name: string, ...flags: string[]): Promise<Seen> =>
  run(shop, ["delete", "networkpolicy", name, ...flags]);

/** Waits until Ringfence has seen pods run that the policy is the last to close. */
async function untilGuarded(shop: TestNamespace, name: string): Promise<void> {
  await until("the pods to be seen", async () => (await deletion(shop, name, "--dry-run=server")).code === 1);
}

test("G18 R91: the last policy that isolates running pods stays until another does; then the namespace goes with all", async () => {
  const shop = await testNamespace(restricted);
  await applied(shop, policy("default-deny"));
  await runPods(shop, { "api-1": { app: "api" }, "db-0": { app: "db" } });
  await untilGuarded(shop, "default-deny");
  const refused = await deletion(shop, "default-deny");
  expect([refused.code, rulesOf(refused)]).toEqual([1, ["last-isolating-policy-deletion"]]);

  const opened = policy("default-deny").replace("podSelector: {}", "podSelector: {matchLabels: {app: db}}");
  const narrowed = await run(shop, ["apply", "-f", "-"], { stdin: opened });
  expect([narrowed.code, rulesOf(narrowed)]).toEqual([1, ["last-isolating-policy-deletion"]]);
  await expectSeen("rule-last-isolating-policy-deletion", refused, narrowed);

  await applied(shop, policy("default-deny-v2"));
  expect((await deletion(shop, "default-deny")).code).toBe(0);
  await untilGuarded(shop, "default-deny-v2");
  expect(await policiesIn(shop)).toEqual(["default-deny-v2"]);

  // The namespace controller deletes pods and policies, in whatever order.
  const gone = await controlPlane().kubectl(["delete", "namespace", shop.name, "--timeout=50s"]);
  expect(gone.code, gone.stderr).toBe(0);
});

test("G18: a workload and its policy are deleted in one go, the workload first; ten times", async () => {
  const shop = await testNamespace(restricted);
  for (let round = 0; round < 10; round++) {
    await applied(shop, `${deployment}---\n${policy("web")}`);
    await untilGuarded(shop, "web");
    const both = await run(shop, ["delete", "-f", "-"], { stdin: `${deployment}---\n${policy("web")}` });
    expect([both.code, both.stderr]).toEqual([0, ""]);
  }
});

test("G18: with the policy first it is refused, the workload goes, and the same again takes it away", async () => {
  const shop = await testNamespace(restricted);
  const stdin = `${policy("web")}---\n${deployment}`;
  await applied(shop, stdin);
  await untilGuarded(shop, "web");
  const first = await run(shop, ["delete", "-f", "-"], { stdin });
  expect([first.code, rulesOf(first)]).toEqual([1, ["last-isolating-policy-deletion"]]);
  expect(first.stdout).toContain('deployment.apps "web" deleted');
  const second = await run(shop, ["delete", "-f", "-", "--ignore-not-found"], { stdin });
  expect(second.code, second.stderr).toBe(0);
  expect(await policiesIn(shop)).toEqual([]);
});

test("G18: the garbage collector takes a policy whose owner is deleted, while its pods run", async () => {
  const shop = await testNamespace(restricted);
  await shop.runningPod("api-1", { app: "api" });
  const { admin } = controlPlane().api;
  const owner = (await admin.expect("POST", `/api/v1/namespaces/${shop.name}/configmaps`, {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "release" } },
  })) as { metadata: { uid: string } };
  const reference = `[{apiVersion: v1, kind: ConfigMap, name: release, uid: ${owner.metadata.uid}}]`;
  await applied(shop, policy("owned").replace("name: owned", `name: owned, ownerReferences: ${reference}`));
  await untilGuarded(shop, "owned");
  await admin.expect("DELETE", `/api/v1/namespaces/${shop.name}/configmaps/release`);
  await until("the policy to be collected", async () => (await policiesIn(shop)).length === 0);
});
