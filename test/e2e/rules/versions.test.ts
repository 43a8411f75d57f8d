// A namespace that is pinned to an older version keeps the old behaviour; others get the configured one.
import { expect, test } from "vitest";
import { ownRingfence, testNamespace, type TestNamespace } from "../support.ts";
import { base, expectSeen, rulesOf, run, warningsOf, type Seen } from "../scenarios/scenario.ts";

const enforce = "ringfence.dev/enforce-version";
const pinned = { ...base, [enforce]: "v1" };

/** The namespaces that the policy names: of one somebody has set the label `name`, of the other nobody has. */
async function others(): Promise<{ labelled: TestNamespace; plain: TestNamespace }> {
  const labelled = await testNamespace({}, { prefix: "web" });
  const plain = await testNamespace({}, { prefix: "pay" });
  await run(labelled, ["label", "namespace", labelled.name, `name=${labelled.name}`], { as: "operator" });
  return { labelled, plain };
}

/** Applies a policy whose list of names is half dead: a fault since v2. */
async function applyHalfDead(
  shop: TestNamespace,
  { labelled, plain }: Awaited<ReturnType<typeof others>>,
): Promise<Seen> {
  const stdin = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchExpressions: [{ key: name, operator: In, values: [${labelled.name}, ${plain.name}] }]
`;
  const seen = await run(shop, ["apply", "-f", "-"], { stdin });
  const stderr = seen.stderr.replaceAll(labelled.name, "web").replaceAll(plain.name, "pay");
  return { ...seen, stderr };
}

test("R91: what a version brought is denied where latest is enforced and applied where v1 is", async () => {
  const names = await others();
  const latest = await applyHalfDead(await testNamespace(base), names);
  expect(rulesOf(latest)).toEqual(["dead-namespace-selector"]);
  const old = await applyHalfDead(await testNamespace(pinned), names);
  expect([old.code, old.stderr]).toEqual([0, ""]);
  await expectSeen("versions.latest", latest);
});

test("R91: a namespace that enforces v1 is warned of what latest would deny", async () => {
  const shop = await testNamespace({ ...pinned, "ringfence.dev/warn": "baseline" });
  const seen = await applyHalfDead(shop, await others());
  expect(seen.code, seen.stderr).toBe(0);
  expect(warningsOf(seen)).toHaveLength(1);
  await expectSeen("versions.warned", seen);
});

test("what v1 denies a namespace pinned to v1 still denies", async () => {
  const shop = await testNamespace(pinned);
  const { plain } = await others();
  const seen = await applyHalfDead(shop, { labelled: plain, plain });
  expect(rulesOf(seen)).toEqual(["dead-namespace-selector"]);
});

test("a namespace without a version gets the configured one", async () => {
  await ownRingfence("pinned-by-default", {
    config: [
      "apiVersion: config.ringfence.dev/v1alpha1",
      "kind: RingfenceConfiguration",
      "defaults: { enforce: baseline, enforceVersion: v1 }",
      "",
    ].join("\n"),
  });
  const names = await others();
  const instance = "pinned-by-default";
  const byDefault = await applyHalfDead(await testNamespace({}, { instance }), names);
  expect([byDefault.code, byDefault.stderr]).toEqual([0, ""]);
  const asked = await applyHalfDead(await testNamespace({ [enforce]: "latest" }, { instance }), names);
  expect(rulesOf(asked)).toEqual(["dead-namespace-selector"]);
});
