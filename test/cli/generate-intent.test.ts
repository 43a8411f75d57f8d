import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { run } from "./run.ts";

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "ringfence-generate-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const path = join(directory, "file.yaml");
  writeFileSync(path, text);
  return path;
}

const namespace = (name: string, intent: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels: { example.com/customer: red }
  annotations:
    ringfence.dev/network-policies: |
${intent.replaceAll(/^/gm, "      ")}
`;

const policies = (text: string): NetworkPolicy[] =>
  [...parseAllDocuments(text)].map((document) => document.toJS() as NetworkPolicy);

const namesOf = (text: string): string[] =>
  policies(text).map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name ?? ""}`);

test("prints the policies of each Namespace of a file, DNS first", async () => {
  const path = file(
    `${namespace("shop", "denyAll: true\ntenant: example.com/customer")}---\nkind: ConfigMap\n---\n${namespace("data", "allowIntraNamespace: true")}`,
  );
  const { code, stdout, stderr } = await run("generate", "-f", path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(namesOf(stdout)).toEqual([
    "shop/allow-dns",
    "shop/default-deny",
    "shop/allow-tenant",
    "data/allow-dns",
    "data/default-deny",
    "data/allow-intra-namespace",
  ]);
});

test("takes from configuration whom an intent means, and says what comes to nothing", async () => {
  const intent = file("allowIngressFromIngress: true\nallowMonitoring: true\nallowKubeAPI: true\n");
  const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";
  const config = file(
    `${head}ingressControllers: [{ namespace: ingress-nginx }]\nintents: { prometheus: [{ namespace: monitoring, pods: { app: prometheus } }] }\n`,
  );
  const { stdout, stderr } = await run("generate", "--intent", intent, "-n", "shop", "--config", config);
  expect(stderr).toBe(
    "shop: allowKubeAPI opens nothing: the addresses of the API server are not known (configuration: apiServer)\n",
  );
  expect(namesOf(stdout)).toEqual([
    "shop/allow-dns",
    "shop/default-deny",
    "shop/allow-ingress-controllers",
    "shop/allow-monitoring",
  ]);
  expect(policies(stdout)[3]?.spec?.ingress).toEqual([
    {
      from: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
          podSelector: { matchLabels: { app: "prometheus" } },
        },
      ],
    },
  ]);
});

test("names the line of the file at which an intent is wrong", async () => {
  const path = file(namespace("shop", "denyAll: true\nallowMonitorin: true"));
  const { code, stdout, stderr } = await run("generate", "-f", path);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(
    `${path}:9: Namespace shop: allowMonitorin: is not known here, did you mean allowMonitoring?`,
  );
});

test.each([
  [["generate"], "say what to generate"],
  [["generate", "dsn"], 'there is nothing called "dsn" to generate; there is dns'],
  [["generate", "--intent", "x"], "give -n NAMESPACE"],
  [["generate", "-f", "x", "-n", "shop"], "leave out --intent, -n and --namespace-label"],
  [["generate", "-f", "/nowhere.yaml"], "/nowhere.yaml: cannot be read: there is no such file"],
])("says what is missing: %j", async (args, text) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(text);
});

test("a file without a Namespace, or with one that declares nothing, is told so", async () => {
  const nothing = file("kind: ConfigMap\n");
  expect((await run("generate", "-f", nothing)).stderr).toContain("holds no Namespace");
  const silent = file("kind: Namespace\nmetadata: { name: shop }\n");
  const open = file(namespace("shop", "allowDNS: true"));
  expect(await run("generate", "-f", open)).toEqual({
    code: 0,
    stdout: "",
    stderr: "shop: the intent closes nothing, so that it needs no policy\n",
  });
  expect((await run("generate", "-f", silent)).stderr).toContain("no Namespace declares anything (shop)");
});

test("reads several files, and a List as kubectl get prints it; namespaces that declare nothing are left out", async () => {
  const object = (name: string, annotations: object) => ({
    kind: "Namespace",
    metadata: { name, annotations },
  });
  const list = {
    kind: "List",
    items: [
      object("quiet", {}),
      object("shop", { "ringfence.dev/network-policies": "allowMonitoring: true" }),
    ],
  };
  const { code, stdout } = await run(
    "generate",
    "-f",
    file(JSON.stringify(list)),
    "-f",
    file(namespace("data", "denyAll: { ingress: true }")),
  );
  expect(code).toBe(0);
  expect(namesOf(stdout)).toEqual(["shop/default-deny", "data/default-deny"]);
});

test("what is printed is what the API server stores: no empty list; and it can be found again by its label", async () => {
  const { stdout } = await run(
    "generate",
    "-f",
    file(namespace("shop", "denyAll: true\nallowIntraNamespace: true")),
  );
  expect(stdout).not.toContain("[]");
  for (const { metadata } of policies(stdout)) {
    expect(metadata.labels).toEqual({ "ringfence.dev/generated-from": "intent" });
  }
});
