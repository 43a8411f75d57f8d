// The rules that look at pods which the API server calls, and at those that serve the cluster's DNS.
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { expectSeen, run, warningsOf, type Seen } from "../scenarios/scenario.ts";
import { controlPlane, ownRingfence, testNamespace, uniqueName, type TestNamespace } from "../support.ts";

const warn = { "ringfence.dev/warn": "baseline" };
const enforce = { "ringfence.dev/enforce": "baseline" };

const policy = (rules = "[]") => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress: ${rules}
`;
const service = `
apiVersion: v1
kind: Service
metadata: { name: api }
spec: { selector: { app: api }, ports: [{ port: 443, targetPort: 8443 }] }
`;

/** A configuration that has the API server call the Service `api` of the namespace, for an object that nobody writes. */
async function calls({ name: namespace }: TestNamespace, webhook: string): Promise<void> {
  const { admin } = controlPlane().api;
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  const name = uniqueName("hooks");
  await admin.expect("POST", path, {
    body: {
      metadata: { name },
      webhooks: [
        {
          name: webhook,
          clientConfig: { service: { namespace, name: "api" } },
          rules: [
            {
              apiGroups: ["test.example"],
              apiVersions: ["v1"],
              operations: ["CREATE"],
              resources: ["nothings"],
            },
          ],
          failurePolicy: "Ignore",
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    },
  });
  onTestFinished(async () => {
    await admin.send("DELETE", `${path}/${name}`);
  });
}

const apply = (shop: TestNamespace, yaml: string, ...flags: readonly string[]): Promise<Seen> =>
  run(shop, ["apply", "-f", "-", ...flags], { stdin: yaml });

const ofRule = (seen: Seen, rule: string): Seen => {
  const lines = seen.stderr.split("\n").filter((line) => line.startsWith(`Warning: ${rule}`));
  return { ...seen, stderr: lines.map((line) => `${line}\n`).join("") };
};

async function behindWebhook(
  labels: Readonly<Record<string, string>>,
  webhook: string,
): Promise<TestNamespace> {
  const shop = await testNamespace(labels);
  await shop.runningPod("api-1", { app: "api" }, { ports: [{ containerPort: 8443 }] });
  const { code, stderr } = await run(shop, ["apply", "-f", "-"], { as: "admin", stdin: service });
  expect(code, stderr).toBe(0);
  await calls(shop, webhook);
  return shop;
}

test("R91: a policy that closes the pods behind Ringfence's own webhook to the API server is denied", async () => {
  const shop = await behindWebhook(enforce, "validate.ringfence.dev");
  await until("a denial", async () => {
    const seen = await apply(shop, policy("[{ from: [{ namespaceSelector: {} }] }]"), "--dry-run=server");
    return warningsOf(seen).some((line) => line.startsWith("webhook-backend-blocked"));
  });
  const denied = await apply(shop, policy("[{ from: [{ namespaceSelector: {} }] }]"));
  expect(denied.code).toBe(1);
  await expectSeen("rule-webhook-backend-blocked", denied);
  const open = await apply(shop, policy("[{ ports: [{ port: 8443 }] }]"));
  expect([open.code, open.stderr]).toEqual([0, ""]);
});

test("R91: of the pods behind another webhook it warns", async () => {
  const shop = await behindWebhook(warn, "hooks.example.com");
  await until("a warning", async () => {
    const seen = ofRule(await apply(shop, policy(), "--dry-run=server"), "webhook-backend-blocked");
    return warningsOf(seen).length === 1;
  });
  const warned = ofRule(await apply(shop, policy()), "webhook-backend-blocked");
  expect(warned.code, warned.stderr).toBe(0);
  await expectSeen("rule-webhook-backend-blocked-other", warned);
});

test("R91: a policy that closes the servers of the cluster's DNS is denied", async () => {
  const instance = "dns-servers";
  const dns = await testNamespace(enforce, { prefix: "dns", instance });
  await ownRingfence(instance, {
    config: [
      "apiVersion: config.ringfence.dev/v1alpha1",
      "kind: RingfenceConfiguration",
      `dns: { resolvers: [{ namespace: ${dns.name}, pods: { app: api } }] }`,
      "",
    ].join("\n"),
  });
  await dns.runningPod("api-1", { app: "api" });
  await until("a warning", async () => {
    const seen = await apply(dns, policy("[{ ports: [{ port: 9153 }] }]"), "--dry-run=server");
    return warningsOf(seen).some((line) => line.startsWith("dns-server-ingress-blocked"));
  });
  const denied = await apply(dns, policy("[{ ports: [{ port: 9153 }] }]"));
  expect(denied.code).toBe(1);
  await expectSeen("rule-dns-server-ingress-blocked", denied);
  const open = await apply(dns, policy("[{ ports: [{ port: 53, protocol: UDP }, { port: 53 }] }]"));
  expect([open.code, open.stderr]).toEqual([0, ""]);
});

test("R91: an intent on a namespace whose pods back a webhook is held back, and the request says so", async () => {
  const shop = await behindWebhook({}, "hooks.example.com");
  const declare = [
    "annotate",
    "namespace",
    shop.name,
    "--overwrite",
    "ringfence.dev/network-policies=denyAll: true",
  ];
  const { kubectl } = controlPlane();
  const annotated = (...more: readonly string[]) => kubectl([...declare, ...more], { as: "admin" });
  await until("the webhook to be seen", async () =>
    (await annotated("--dry-run=server")).stderr.includes("ringfence.dev/confirm-isolation: api"),
  );
  const { stderr } = await annotated("--dry-run=server");
  const lines = stderr.split("\n").filter((line) => line.startsWith("Warning: intent-effects"));
  // How many there are depends on the pods of other tests.
  const counted = lines.map((line) =>
    line.replace(/: (at least )?[0-9]+ connections? between/, ": 3 connections between"),
  );
  await expectSeen("rule-intent-effects", {
    namespace: shop.name,
    command: "kubectl annotate namespace shop 'ringfence.dev/network-policies=denyAll: true'",
    code: 0,
    stdout: "",
    stderr: `${counted.join("\n")}\n`,
  });
});
