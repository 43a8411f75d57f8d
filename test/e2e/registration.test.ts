import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlainRequest } from "#src/admission/plain/review.ts";
import { knownOfReview } from "../admission/plain/known.ts";
import { renderInstallation } from "../control-plane/installation.ts";
import { startRecordingWebhook, type RecordingWebhook } from "../control-plane/recording-webhook.ts";
import { registerWebhooks, type Registration } from "../control-plane/webhooks.ts";
import { controlPlane, testNamespace, uniqueName } from "./support.ts";

const { kubectl, api } = controlPlane();

const policy = (name: string, extra: object = {}): string =>
  JSON.stringify({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, ...extra },
    spec: { podSelector: { matchLabels: { app: "nobody" } }, policyTypes: ["Ingress"] },
  });

/** What the API server asks, seen by a webhook that is registered with the very files and allows everything. */
describe("the webhook configurations of deploy/kustomize", () => {
  let webhook: RecordingWebhook;
  let registration: Registration;

  beforeAll(async () => {
    webhook = await startRecordingWebhook();
    const { url, authorityPem } = webhook;
    const options = { url, authorityPem, instance: "recording", everywhere: true };
    registration = await registerWebhooks(controlPlane(), options);
  });
  afterAll(async () => {
    await registration.remove();
    await webhook.stop();
  });

  /** "UPDATE namespaces /validate?timeout=2s", in the order of the calls. */
  const asked = (namespace: string): string[] =>
    webhook.reviews
      .filter((review) => review.namespace === namespace)
      .map(({ operation, resource, url }) => `${operation} ${resource} ${url}`);

  test("a policy is judged at creation, update and deletion", async () => {
    const { name, kubectl: here, applyAs } = await testNamespace();
    await applyAs("tenant", policy("p"));
    await here(["label", "networkpolicy", "p", "a=b"], { as: "tenant" });
    await here(["delete", "networkpolicy", "p"], { as: "tenant" });
    expect(asked(name).filter((line) => line.includes("networkpolicies"))).toEqual([
      "CREATE networkpolicies /mutate?timeout=1s",
      "CREATE networkpolicies /validate?timeout=3s",
      "UPDATE networkpolicies /mutate?timeout=1s",
      "UPDATE networkpolicies /validate?timeout=3s",
      "DELETE networkpolicies /validate?timeout=3s",
    ]);
  });

  test("every review of a policy comes as bytes that are read without JSON.parse", async () => {
    const { name, kubectl: here, applyAs } = await testNamespace();
    const full = JSON.stringify({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "full", labels: { app: "api" }, annotations: { note: 'für "alle" & <jeden>' } },
      spec: {
        podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["api", "web"] }] },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{}, { from: [{ podSelector: {}, namespaceSelector: { matchLabels: { team: "store" } } }] }],
        egress: [
          {
            to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }],
            ports: [
              { port: "dns", protocol: "UDP" },
              { port: 8000, endPort: 8010 },
            ],
          },
        ],
      },
    });
    await applyAs("tenant", full);
    await here(["annotate", "networkpolicy", "full", "note=changed", "--overwrite"]);
    await here(["apply", "--server-side", "--force-conflicts", "-f", "-"], { stdin: full });
    await here(["delete", "networkpolicy", "full"]);
    const reviews = webhook.reviews.filter(
      ({ resource, namespace }) => resource === "networkpolicies" && namespace === name,
    );
    expect(reviews.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(["CREATE", "UPDATE", "DELETE"]),
    );
    for (const { body } of reviews) {
      expect(readPlainRequest(body), body.toString()).toEqual(knownOfReview(body.toString()));
    }
  });

  test("of a namespace's updates only those of labels and of ringfence.dev annotations are judged", async () => {
    const { name } = await testNamespace();
    const change = (...args: string[]): Promise<unknown> => kubectl([...args]);
    const updates = (): number =>
      asked(name).filter((line) => line.startsWith("UPDATE namespaces /validate")).length;
    expect(asked(name)).toEqual([
      "CREATE namespaces /mutate?timeout=1s",
      "CREATE namespaces /validate?timeout=2s",
    ]);
    await change("annotate", "namespace", name, "team=a");
    await change("annotate", "namespace", name, "team=b", "--overwrite");
    await change("annotate", "namespace", name, "team-");
    expect(updates(), "another annotation").toBe(0);
    await change("annotate", "namespace", name, "ringfence.dev/network-policies=denyAll: true");
    expect(updates(), "set").toBe(1);
    await change(
      "annotate",
      "namespace",
      name,
      "ringfence.dev/network-policies=denyAll: false",
      "--overwrite",
    );
    expect(updates(), "changed").toBe(2);
    await change("annotate", "namespace", name, "team=c");
    expect(updates(), "another annotation beside it").toBe(2);
    await change("annotate", "namespace", name, "ringfence.dev/network-policies-");
    expect(updates(), "removed").toBe(3);
    await change("label", "namespace", name, "a=b");
    await change("label", "namespace", name, "a=c", "--overwrite");
    await change("label", "namespace", name, "a-");
    expect(updates(), "labels").toBe(6);
  });

  test("R25: status and finalize of a namespace never reach the webhook", async () => {
    const { name } = await testNamespace();
    const before = asked(name).length;
    const path = `/api/v1/namespaces/${name}`;
    const patch = { contentType: "application/merge-patch+json" };
    await api.admin.expect("PATCH", `${path}/status`, {
      ...patch,
      body: { metadata: { labels: { a: "b" } } },
    });
    const namespace = await api.admin.expect("GET", path);
    await api.admin.expect("PUT", `${path}/finalize`, { body: namespace });
    expect(asked(name)).toHaveLength(before);
  });

  test("the deletion of a namespace with its policies asks nobody", async () => {
    const { name, applyAs } = await testNamespace();
    await applyAs("tenant", policy("p"));
    const before = asked(name).length;
    expect(await kubectl(["delete", "namespace", name, "--wait=true"])).toMatchObject({ code: 0 });
    expect(asked(name)).toHaveLength(before);
    const deletions = await controlPlane().audit.events({ resource: "networkpolicies", namespace: name });
    expect(deletions.at(-1)?.user.username).toBe("system:serviceaccount:kube-system:namespace-controller");
  });

  test("what the garbage collector deletes asks nobody", async () => {
    const { name, kubectl: here, applyAs } = await testNamespace();
    const owner = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "owner" } };
    const made = await api.admin.expect("POST", `/api/v1/namespaces/${name}/configmaps`, { body: owner });
    const { uid } = (made as { metadata: { uid: string } }).metadata;
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid }];
    await applyAs("tenant", policy("owned", { ownerReferences }));
    await here(["delete", "configmap", "owner", "--cascade=foreground"]);
    const gone = await here(["wait", "--for=delete", "networkpolicy/owned", "--timeout=20s"]);
    expect(gone.code, gone.stderr).toBe(0);
    expect(asked(name).filter((line) => line.startsWith("DELETE"))).toEqual([]);
  });

  test("R47: requests of Ringfence's own account are skipped", async () => {
    const { name, kubectl: here } = await testNamespace();
    const before = asked(name).length;
    const account = ["--as=system:serviceaccount:ringfence-system:ringfence", "--as-group=system:masters"];
    expect(await here([...account, "apply", "-f", "-"], { stdin: policy("own") })).toMatchObject({ code: 0 });
    expect(await here([...account, "delete", "networkpolicy", "own"])).toMatchObject({ code: 0 });
    expect(asked(name)).toHaveLength(before);
  });

  test("R44: in the namespaces of the system, the CNI and Ringfence no webhook that fails closed is asked", async () => {
    const policyName = uniqueName("p");
    for (const namespace of ["kube-system", "kube-public", "kube-node-lease", "ringfence-system"]) {
      expect(
        await kubectl(["apply", "-n", namespace, "-f", "-"], { stdin: policy(policyName) }),
      ).toMatchObject({ code: 0 });
      await kubectl(["delete", "networkpolicy", "-n", namespace, policyName]);
      const lines = webhook.reviews
        .filter((review) => review.namespace === namespace && review.name === policyName)
        .map(({ operation, url }) => `${operation} ${url}`);
      expect(lines, namespace).toEqual(["CREATE /validate?timeout=1s"]);
    }
  });
});

interface Webhook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly sideEffects: string;
  readonly matchPolicy: string;
  readonly timeoutSeconds: number;
  readonly rules: readonly {
    readonly resources: readonly string[];
    readonly operations: readonly string[];
  }[];
  readonly namespaceSelector?: {
    readonly matchExpressions: readonly { readonly operator: string; readonly values: readonly string[] }[];
  };
}

describe("the entries as written", () => {
  test("R44: no wildcard, no subresource, nothing that nodes need, and one list of excluded namespaces", async () => {
    const manifests = await renderInstallation(kubectl);
    const webhooks = manifests.flatMap((manifest) =>
      "webhooks" in manifest ? (manifest.webhooks as Webhook[]) : [],
    );
    expect(
      webhooks
        .map(({ name, failurePolicy, timeoutSeconds }) => `${name} ${failurePolicy} ${timeoutSeconds} s`)
        .sort(),
    ).toEqual([
      "mutate.ringfence.dev Ignore 1 s",
      "namespaces.ringfence.dev Ignore 2 s",
      "system.ringfence.dev Ignore 1 s",
      "validate.ringfence.dev Fail 3 s",
    ]);
    for (const { name, rules, sideEffects, matchPolicy } of webhooks) {
      expect({ sideEffects, matchPolicy }, name).toEqual({ sideEffects: "None", matchPolicy: "Equivalent" });
      for (const resource of rules.flatMap(({ resources }) => resources)) {
        expect(["networkpolicies", "namespaces"], name).toContain(resource);
      }
    }
    const expression = (name: string): { operator?: string; values?: readonly string[] } =>
      webhooks.find((webhook) => webhook.name === name)?.namespaceSelector?.matchExpressions[0] ?? {};
    const excluded = expression("validate.ringfence.dev");
    expect(excluded.operator).toBe("NotIn");
    expect(excluded.values).toEqual(
      expect.arrayContaining(["kube-system", "kube-node-lease", "kube-public", "ringfence-system"]),
    );
    expect(expression("system.ringfence.dev")).toMatchObject({ operator: "In", values: excluded.values });
    expect(expression("mutate.ringfence.dev")).toMatchObject({ operator: "NotIn", values: excluded.values });
  });
});
