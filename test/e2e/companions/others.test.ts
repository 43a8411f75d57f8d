import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { controlPlane, sharedRingfence, testNamespace } from "../support.ts";
import {
  companionsIn,
  declare,
  eventsOf,
  expectNoEqualWrites,
  intentAnnotation,
  intentNamespace,
  kubectl,
  policies,
  untilEvent,
  untilPolicies,
  writes,
} from "./support.ts";

const names = ["ringfence-allow-dns", "ringfence-default-deny"];
const networking = "networking.k8s.io/v1";

function policy(metadata: object, spec: object = { podSelector: {}, policyTypes: ["Ingress"] }): string {
  return JSON.stringify({ apiVersion: networking, kind: "NetworkPolicy", metadata, spec });
}

test("R37 C9: a foreign policy of a companion's name is left alone and reported; the companion has its other name", async () => {
  const shop = await intentNamespace({});
  await kubectl(["-n", shop, "create", "-f", "-"], "operator", policy({ name: "ringfence-default-deny" }));
  const foreign = (await policies(shop)).get("ringfence-default-deny");
  await declare(shop, { denyAll: true }, "operator");
  const stored = await until("three policies", async () => {
    const found = await policies(shop);
    return found.size === 3 && found;
  });
  const other = [...stored.keys()].find((name) => /^ringfence-default-deny-[0-9a-f]{6}$/.test(name));
  expect(stored.get(other ?? "")?.spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  expect(stored.get("ringfence-default-deny")).toEqual(foreign);
  const { note, type } = await untilEvent(shop, "CompanionNameTaken");
  expect([type, note]).toEqual(["Warning", "ringfence-default-deny: not Ringfence's own, left alone"]);
  await sharedRingfence().awaitLog("the name that is taken", ({ namespace, reason }) => {
    return namespace === shop && reason === "CompanionNameTaken";
  });
  expect(await companionsIn("foreign")).toBeGreaterThan(0);
  // When the name is free again, the companion takes it, and the other one goes.
  await kubectl(["-n", shop, "delete", "networkpolicy", "ringfence-default-deny"], "operator");
  await untilPolicies(shop, names);
  // Withdrawn, nothing foreign goes.
  await kubectl(["-n", shop, "create", "-f", "-"], "operator", policy({ name: "ringfence-of-mine" }));
  await declare(shop, undefined, "operator");
  await untilPolicies(shop, ["ringfence-of-mine"]);
  await expectNoEqualWrites(shop);
});

test("companions of a restored backup are adopted: the same objects, one write each", async () => {
  const first = await intentNamespace({ denyAll: true });
  const backup = await untilPolicies(first, names);
  // It says nothing of policies yet, so what is restored stays until then.
  const { name: shop } = await testNamespace({ "ringfence.dev/enforce": "baseline" });
  for (const [name, { metadata, spec }] of backup) {
    const { labels, annotations } = metadata;
    await kubectl(["-n", shop, "create", "-f", "-"], "operator", policy({ name, labels, annotations }, spec));
  }
  const leftover = policy({ name: "ringfence-allow-old", ...marks(backup.get("ringfence-allow-dns")) });
  await kubectl(["-n", shop, "create", "-f", "-"], "operator", leftover);
  const restored = await policies(shop);
  await declare(shop, { denyAll: true }, "operator");
  const adopted = await untilPolicies(shop, names);
  const uid = await kubectl(["get", "namespace", shop, "-o", "jsonpath={.metadata.uid}"], "admin");
  for (const [name, { metadata }] of adopted) {
    expect(metadata.uid).toBe(restored.get(name)?.metadata.uid);
    expect(metadata.annotations).toEqual({ "ringfence.dev/namespace-uid": uid });
  }
  expect((await writes(shop)).map(({ verb }) => verb)).toEqual(["patch", "patch", "delete"]);
  await expectNoEqualWrites(shop);
});

function marks(stored: { metadata: { labels?: object; annotations?: object } } | undefined): object {
  return { labels: stored?.metadata.labels, annotations: stored?.metadata.annotations };
}

test("R48: Ringfence's own namespace and those of the system get no companions, whatever they declare", async () => {
  const system = ["ringfence-system", "kube-public"];
  for (const name of system) await declare(name, { denyAll: true }, "admin");
  try {
    const shop = await intentNamespace({ denyAll: true });
    await untilPolicies(shop, names);
    for (const name of system) {
      expect([...(await policies(name)).keys()]).toEqual([]);
      expect(await writes(name)).toEqual([]);
    }
  } finally {
    for (const name of system)
      await kubectl(["annotate", "namespace", name, `${intentAnnotation}-`], "admin");
  }
});

test("R80: where the API server refuses a companion, those of other namespaces are kept, and it is tried again", async () => {
  const refused = await intentNamespace({});
  const { api } = controlPlane();
  const admission = "/apis/admissionregistration.k8s.io/v1";
  const name = `refuse-${refused}`;
  const group = "admissionregistration.k8s.io/v1";
  const inNamespace = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": refused } } };
  const rule = {
    apiGroups: ["networking.k8s.io"],
    apiVersions: ["v1"],
    operations: ["CREATE"],
    resources: ["networkpolicies"],
  };
  await api.admin.expect("POST", `${admission}/validatingadmissionpolicies`, {
    body: {
      apiVersion: group,
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: "false", message: "refused by the test" }],
      },
    },
  });
  await api.admin.expect("POST", `${admission}/validatingadmissionpolicybindings`, {
    body: {
      apiVersion: group,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"], matchResources: inNamespace },
    },
  });
  await until("the refusal to be in force", async () => {
    const path = `/apis/${networking}/namespaces/${refused}/networkpolicies?dryRun=All`;
    return (
      (await api.admin.send("POST", path, { body: JSON.parse(policy({ name: "probe" })) })).status >= 400
    );
  });
  await declare(refused, { denyAll: true }, "operator");
  const { note } = await untilEvent(refused, "CompanionsFailing");
  expect(note).toContain("refused by the test");
  await until("failing", async () => (await companionsIn("failing")) > 0);
  const shop = await intentNamespace({ denyAll: true });
  await untilPolicies(shop, names);
  // Nothing is closed where the DNS could not be opened.
  expect((await policies(refused)).size).toBe(0);
  await api.admin.expect("DELETE", `${admission}/validatingadmissionpolicybindings/${name}`);
  await untilPolicies(refused, names);
  await api.admin.expect("DELETE", `${admission}/validatingadmissionpolicies/${name}`);
});

test(
  "R36: an operator's client that edits a companion each second is answered ever more slowly, and what is due stays",
  { timeout: 480_000 },
  async () => {
    const shop = await intentNamespace({ denyAll: true });
    const was = (await untilPolicies(shop, names)).get("ringfence-default-deny");
    const before = (await writes(shop)).length;
    const { api } = controlPlane();
    const path = `/apis/${networking}/namespaces/${shop}/networkpolicies/ringfence-default-deny`;
    const contentType = "application/merge-patch+json";
    // A minute of them; on a busy machine they take longer.
    let edits = 0;
    await until(
      "sixty edits",
      async () => {
        await api.operator.expect("PATCH", path, { contentType, body: { spec: { ingress: [{}] } } });
        edits += 1;
        return edits === 60;
      },
      { timeoutMs: 240_000, intervalMs: 1_000 },
    );
    const repairs = (await writes(shop)).length - before;
    expect(repairs).toBeGreaterThan(3);
    expect(repairs).toBeLessThan(20);
    expect(await companionsIn("contested")).toBeGreaterThan(0);
    expect((await untilEvent(shop, "CompanionContested")).type).toBe("Warning");
    const events = await eventsOf(shop);
    expect(new Set(events.map(({ reason }) => reason)).size).toBe(events.length);
    await until(
      "the last repair",
      async () => {
        const now = (await policies(shop)).get("ringfence-default-deny");
        return JSON.stringify(now?.spec) === JSON.stringify(was?.spec);
      },
      { timeoutMs: 150_000, intervalMs: 500 },
    );
    await expectNoEqualWrites(shop);
  },
);
