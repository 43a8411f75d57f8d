import { expect, test } from "vitest";
import { controlPlane, sharedRingfence, testNamespace, uniqueName } from "../support.ts";
import { apply, base, policiesIn, restricted, rulesOf, run, warningsOf } from "../scenarios/scenario.ts";
import { ask } from "./ask.ts";
import { clean, manifest, orEd, policy } from "./policies.ts";

const collection = "/apis/networking.k8s.io/v1/namespaces";

test("R21: a deletion is judged by the old object, that of a collection as well", async () => {
  const shop = await testNamespace({ ...base, "ringfence.dev/audit": "baseline" });
  await apply(shop, "g02-dns-allow-first");
  await apply(shop, "g01-egress-default-deny");
  await run(shop, ["label", "networkpolicy", "allow-dns", "group=dns"]);
  const path = `${collection}/${shop.name}/networkpolicies?labelSelector=group%3Ddns`;
  const deleted = await run(shop, ["delete", "--raw", path]);
  expect(deleted.code, deleted.stderr).toBe(0);
  expect(await policiesIn(shop)).toEqual(["default-deny-egress"]);
  const { annotations } = await controlPlane().audit.event({
    verb: "deletecollection",
    resource: "networkpolicies",
    namespace: shop.name,
  });
  expect(annotations?.["validate.ringfence.dev/audit-violations"]).toMatch(/^missing-dns-egress/);
  await sharedRingfence().awaitLog(
    "the deletion, with the name of the old object",
    ({ namespace, operation, name }) =>
      namespace === shop.name && operation === "DELETE" && name === "allow-dns",
  );
});

test("R22: a policy with generateName is patched, judged and created", async () => {
  const shop = await testNamespace({ ...restricted, "ringfence.dev/patch": "restricted" });
  const { spec } = await manifest("g07-dns-udp-only");
  const body = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { generateName: "dns-" },
    spec,
  };
  const created = await run(shop, ["create", "-f", "-"], { stdin: JSON.stringify(body) });
  expect(created.code, created.stderr).toBe(0);
  expect(warningsOf(created)[0]).toMatch(/^dns-udp-only: patched/);
  const faulty = { ...body, metadata: { generateName: "or-" }, spec: orEd };
  const denied = await run(shop, ["create", "-f", "-"], { stdin: JSON.stringify(faulty) });
  expect(rulesOf(denied)).toContain("or-ed-selectors");
  expect(denied.stderr).toMatch(new RegExp(`NetworkPolicy ${shop.name}/or-[a-z0-9]{5} breaks`));
});

test("R22: a Namespace with generateName is judged and created", async () => {
  const { kubectl } = controlPlane();
  const namespace = (labels: object): string =>
    JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { generateName: "t-made-", labels } });
  const created = await kubectl(["create", "-f", "-", "-o", "name"], {
    as: "tenant",
    stdin: namespace(base),
  });
  expect(created.code, created.stderr).toBe(0);
  await kubectl(["delete", created.stdout.trim(), "--wait=false"]);
  const stdin = namespace({ "ringfence.dev/enforce": "basline" });
  const denied = await kubectl(["create", "-f", "-"], { as: "tenant", stdin });
  expect(denied.code).toBe(1);
  expect(denied.stderr).toContain("mode-loosened");
  expect(denied.stderr).toMatch(/Namespace t-made-[a-z0-9]{5} breaks/);
});

test("R24: metadata of what violates may change, also its ownerReferences; a violation is denied when it is brought", async () => {
  const shop = await testNamespace();
  await shop.applyAs("tenant", policy("old", orEd));
  await shop.applyAs("tenant", policy("good", clean));
  await run(shop, ["label", "namespace", shop.name, "ringfence.dev/enforce=baseline"]);
  const patch = (name: string, body: object): ReturnType<typeof run> =>
    run(shop, ["patch", "networkpolicy", name, "--type=merge", "-p", JSON.stringify(body)]);
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "kube-root-ca.crt", uid: uniqueName("uid") };
  for (const metadata of [
    { annotations: { note: "x" } },
    { labels: { team: "x" } },
    { finalizers: ["test.example/hold"] },
    { finalizers: null },
    { ownerReferences: [owner] },
  ]) {
    const changed = await patch("old", { metadata });
    expect([changed.code, changed.stderr], JSON.stringify(metadata)).toEqual([0, ""]);
  }
  const denied = await patch("good", { spec: orEd });
  expect(rulesOf(denied)).toEqual(["or-ed-selectors"]);
});

test("R25: a review of a subresource is allowed if one comes all the same", async () => {
  const shop = await testNamespace(base);
  const object = JSON.parse(policy("p", orEd)) as unknown;
  const asked = { namespace: shop.name, object, oldObject: object, operation: "UPDATE" as const };
  for (const subResource of ["status", "finalize"]) {
    const answer = await ask(sharedRingfence(), "/validate", { ...asked, request: { subResource } });
    expect(answer).toEqual({ allowed: true });
  }
});

test("R31: an object that was converted for the webhook gets the same verdict", async () => {
  const shop = await testNamespace(base);
  const asked = { namespace: shop.name, object: JSON.parse(policy("p", orEd)) as unknown };
  const group = "extensions";
  const request = {
    requestKind: { group, version: "v1beta1", kind: "NetworkPolicy" },
    requestResource: { group, version: "v1beta1", resource: "networkpolicies" },
  };
  const plain = await ask(sharedRingfence(), "/validate", asked);
  const converted = await ask(sharedRingfence(), "/validate", { ...asked, request });
  expect(plain.status?.message).toContain("or-ed-selectors");
  expect(converted).toEqual(plain);
});
