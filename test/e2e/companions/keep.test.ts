import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { controlPlane } from "../support.ts";
import {
  attempts,
  declare,
  expectNoEqualWrites,
  intentAnnotation,
  intentNamespace,
  kubectl,
  policies,
  untilPolicies,
  untilPolicy,
  writes,
  type Stored,
} from "./support.ts";

const closed = { denyAll: true, allowEgressToNamespaces: ["sys-postgres"] };
/** In the order in which they are written. */
const closedNames = ["ringfence-allow-dns", "ringfence-default-deny", "ringfence-allow-egress-to-namespaces"];

const specOf = ({ spec }: Stored): string => JSON.stringify(spec);

test("R35 C1: a namespace has what its intent needs from its birth, DNS first, marked and in nobody else's name", async () => {
  const labels = { "app.kubernetes.io/instance": "shop", "argocd.argoproj.io/instance": "shop" };
  const shop = await intentNamespace(closed, { labels });
  const stored = await untilPolicies(shop, closedNames);
  expect((await writes(shop)).map(({ verb, objectRef }) => `${verb} ${objectRef?.name ?? ""}`)).toEqual(
    closedNames.map((name) => `create ${name}`),
  );
  const { uid } = JSON.parse(
    await kubectl(["get", "namespace", shop, "-o", "jsonpath={.metadata}"], "admin"),
  ) as {
    uid: string;
  };
  for (const { metadata } of stored.values()) {
    expect(metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "ringfence" });
    expect(metadata.annotations).toEqual({ "ringfence.dev/namespace-uid": uid });
  }
  expect(stored.get("ringfence-default-deny")?.spec).toEqual({
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
  });
  await expectNoEqualWrites();
});

test("R36 C8: what is edited is repaired, also what nobody stated before; what is deleted comes again", async () => {
  const shop = await intentNamespace(closed);
  const before = await untilPolicies(shop, closedNames);
  const open = { ingress: [{}], policyTypes: ["Ingress", "Egress"] };
  const narrowed = { podSelector: { matchLabels: { app: "web" } } };
  const edits = [
    ["ringfence-allow-dns", open],
    ["ringfence-default-deny", open],
    ["ringfence-default-deny", narrowed],
  ] as const;
  for (const [name, spec] of edits) {
    const was = before.get(name);
    const patch = ["patch", "networkpolicy", name, "--type=merge", "-p", JSON.stringify({ spec })];
    await kubectl(["-n", shop, ...patch], "operator");
    await untilPolicy(shop, name, (policy) => was !== undefined && specOf(policy) === specOf(was));
  }
  const label = ["label", "networkpolicy", "ringfence-default-deny", "team=shop"];
  await kubectl(["-n", shop, ...label], "operator");
  await kubectl(["-n", shop, "delete", "networkpolicy", "ringfence-default-deny"], "operator");
  const again = await untilPolicies(shop, closedNames);
  expect(again.get("ringfence-default-deny")?.metadata.uid).not.toBe(
    before.get("ringfence-default-deny")?.metadata.uid,
  );
  await expectNoEqualWrites(shop);
  // Each edit was repaired by one write; one was made again.
  const repairs = (await writes(shop)).slice(closedNames.length);
  expect(repairs.map(({ verb }) => verb)).toEqual(["patch", "patch", "patch", "create"]);
});

test("whoever withdraws an intent is told of pods that resolve names by its companion alone", async () => {
  const shop = await intentNamespace({ denyAll: true });
  await untilPolicies(shop, closedNames.slice(0, 2));
  const own = {
    metadata: { name: "own" },
    spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }] }] },
  };
  const manifest = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...own };
  await kubectl(["-n", shop, "create", "-f", "-"], "tenant", JSON.stringify(manifest));
  const withdraw = ["annotate", "namespace", shop, `${intentAnnotation}-`, "--dry-run=server"];
  await until("the warning", async () => {
    const { code, stderr } = await controlPlane().kubectl(withdraw, { as: "operator" });
    return code === 0 && stderr.includes("all pods will lose the cluster DNS");
  });
});

test("R38 C8: companions follow the intent; withdrawn, they go, the default deny before the DNS", async () => {
  const shop = await intentNamespace(closed);
  await untilPolicies(shop, closedNames);
  await declare(shop, { denyAll: true, allowIntraNamespace: true }, "operator");
  await until("the change", async () => !(await policies(shop)).has("ringfence-allow-egress-to-namespaces"));
  expect((await policies(shop)).size).toBeGreaterThan(2);
  const own = {
    metadata: { name: "own" },
    spec: { podSelector: { matchLabels: { app: "web" } }, ingress: [] },
  };
  const manifest = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...own };
  await kubectl(["-n", shop, "create", "-f", "-"], "tenant", JSON.stringify(manifest));
  await declare(shop, undefined, "operator");
  await untilPolicies(shop, ["own"]);
  const removed = (await writes(shop)).filter(({ verb }) => verb === "delete");
  expect(removed.slice(-2).map(({ objectRef }) => objectRef?.name)).toEqual([
    "ringfence-default-deny",
    "ringfence-allow-dns",
  ]);
  await expectNoEqualWrites(shop);
});

test("an intent that cannot be read changes nothing", async () => {
  const shop = await intentNamespace(closed);
  const before = await untilPolicies(shop, closedNames);
  const { api } = controlPlane();
  const annotations = { "ringfence.dev/network-policies": "denyAll: [" };
  // Past the guard, as if it had been written before Ringfence came.
  const answer = await api.ringfence.send("PATCH", `/api/v1/namespaces/${shop}`, {
    contentType: "application/merge-patch+json",
    body: { metadata: { annotations } },
  });
  if (answer.status === 403) {
    await kubectl(
      ["annotate", "namespace", shop, "ringfence.dev/network-policies=denyAll: [", "--overwrite"],
      "admin",
    );
  }
  await kubectl(["-n", shop, "delete", "networkpolicy", "ringfence-allow-egress-to-namespaces"], "operator");
  const other = await intentNamespace(closed);
  await untilPolicies(other, closedNames);
  const after = await policies(shop);
  expect([...after.keys()].sort()).toEqual(closedNames.slice(0, 2));
  for (const [name, policy] of after) expect(policy).toEqual(before.get(name));
});

test("R26: a terminating namespace gets nothing, and its end is no error", async () => {
  const shop = await intentNamespace(closed);
  await untilPolicies(shop, closedNames);
  const finalizer = JSON.stringify({ metadata: { finalizers: ["test.example/hold"] } });
  const web = {
    metadata: { name: "web" },
    spec: { podSelector: { matchLabels: { app: "web" } }, ingress: [] },
  };
  const manifest = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...web };
  await kubectl(["-n", shop, "create", "-f", "-"], "tenant", JSON.stringify(manifest));
  await kubectl(["-n", shop, "patch", "networkpolicy", "web", "--type=merge", "-p", finalizer], "tenant");
  const before = (await writes(shop)).length;
  await kubectl(["delete", "namespace", shop, "--wait=false"], "admin");
  await untilPolicies(shop, ["web"]);
  // By then the end of the first one is known; until then a policy that goes may be taken for deleted by somebody.
  await untilPolicies(await intentNamespace(closed), closedNames);
  const tried = (await attempts(shop)).length;
  await declare(shop, { denyAll: true }, "operator");
  await untilPolicies(await intentNamespace(closed), closedNames);
  expect((await writes(shop)).length).toBe(before);
  // The API server refuses what is created there in any case.
  expect((await attempts(shop)).length).toBe(tried);
  expect([...(await policies(shop)).keys()]).toEqual(["web"]);
  await kubectl(
    ["-n", shop, "patch", "networkpolicy", "web", "--type=merge", "-p", '{"metadata":{"finalizers":null}}'],
    "admin",
  );
});

test("a namespace that is made again under its name has companions of its own", async () => {
  const shop = await intentNamespace(closed);
  const before = await untilPolicies(shop, closedNames);
  await kubectl(["delete", "namespace", shop], "admin");
  await intentNamespace({ denyAll: true }, { name: shop });
  const after = await untilPolicies(shop, closedNames.slice(0, 2));
  for (const [name, { metadata }] of after) {
    const old = before.get(name)?.metadata.annotations?.["ringfence.dev/namespace-uid"];
    expect(metadata.annotations?.["ringfence.dev/namespace-uid"]).not.toBe(old);
  }
  await expectNoEqualWrites(shop);
});
