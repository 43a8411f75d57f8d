import { expect, onTestFinished, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { controlPlane, testNamespace, uniqueName } from "../support.ts";
import { declare, expectNoEqualWrites, kubectl, untilPolicies, untilPolicy } from "./support.ts";

const service = `
apiVersion: v1
kind: Service
metadata: { name: hook }
spec: { selector: { app: hook }, ports: [{ port: 443, targetPort: 8443 }] }
`;
const annotation = "ringfence.dev/confirm-isolation";

test("C11: ingress of pods behind a webhook stays open until an operator confirms", async () => {
  const { admin } = controlPlane().api;
  const { name: shop, runningPod } = await testNamespace();
  await runningPod("hook-1", { app: "hook" }, { ports: [{ containerPort: 8443 }] });
  await kubectl(["-n", shop, "apply", "-f", "-"], "admin", service);
  const path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
  const name = uniqueName("hooks");
  const rules = [
    { apiGroups: ["test.example"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] },
  ];
  const webhook = {
    name: "hooks.example.com",
    clientConfig: { service: { namespace: shop, name: "hook" } },
    rules,
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  await admin.expect("POST", path, { body: { metadata: { name }, webhooks: [webhook] } });
  onTestFinished(async () => {
    await admin.send("DELETE", `${path}/${name}`);
  });
  const dry = [
    "annotate",
    "namespace",
    shop,
    "ringfence.dev/network-policies=denyAll: true",
    "--dry-run=server",
  ];
  await until("the request to say so", async () => {
    const { stderr } = await controlPlane().kubectl(dry, { as: "operator" });
    return stderr.includes(`ingress is held back: confirm by ${annotation}: hook`);
  });

  await declare(shop, { denyAll: true }, "operator");
  const names = ["ringfence-allow-dns", "ringfence-default-deny"];
  const stored = await untilPolicies(shop, names);
  expect(stored.get("ringfence-default-deny")?.spec).toEqual({ podSelector: {}, policyTypes: ["Egress"] });
  const events = async (): Promise<string> =>
    await kubectl(
      [
        "get",
        "events",
        "-A",
        "-o",
        "jsonpath={range .items[*]}{.involvedObject.name} {.note}{.message}{end}",
      ],
      "admin",
    );
  await until("an Event", async () => (await events()).includes(`${annotation}: hook`));

  const confirm = ["annotate", "namespace", shop, `${annotation}=hook`];
  await kubectl(confirm, "operator");
  const both = JSON.stringify({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  await untilPolicy(shop, "ringfence-default-deny", ({ spec }) => JSON.stringify(spec) === both);
  // What is confirmed and written is not taken back with the confirmation.
  await kubectl(["annotate", "namespace", shop, `${annotation}-`], "operator");
  await declare(shop, { denyAll: true, allowIntraNamespace: true }, "operator");
  await untilPolicies(shop, [...names, "ringfence-allow-intra-namespace"]);
  await untilPolicy(shop, "ringfence-default-deny", ({ spec }) => JSON.stringify(spec) === both);
  await expectNoEqualWrites(shop);
});
