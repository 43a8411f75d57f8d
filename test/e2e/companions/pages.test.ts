import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startSandbox, type Sandbox } from "../../control-plane/sandbox.ts";
import { createRunningPod } from "../../control-plane/pods.ts";
import { policiesPath, policyNames } from "../../control-plane/stored-policies.ts";
import { until } from "../../control-plane/wait.ts";
import { blocksOf, readPage, type Block } from "../../docs/markdown.ts";
import { configuration } from "./declared.ts";
import {
  commandsOf,
  filesOf,
  root,
  succeeds as commandsSucceed,
  typedFor,
  type Ran,
} from "./page-commands.ts";

// The commands of pages, typed by an operator from the top of the page to its end. A control plane of its own: they take
// Ringfence out.
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ ringfence: { config: configuration } });
}, 180_000);
afterAll(() => sandbox.stop(), 60_000);

const succeeds = (block: Block | undefined, cwd?: string): Promise<Ran> =>
  commandsSucceed(block, sandbox.environment(process.env), cwd);

const policiesIn = (namespace: string): Promise<readonly string[]> =>
  policyNames(sandbox.controlPlane.api.admin, namespace);

const untilPolicies = (namespace: string, ...names: readonly string[]): Promise<unknown> =>
  until(
    `${namespace} to hold [${names.join(", ")}]`,
    async () => (await policiesIn(namespace)).join() === names.join(),
  );

async function makeNamespace(
  name: string,
  intent?: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const annotations = intent === undefined ? {} : { "ringfence.dev/network-policies": intent };
  const body = { metadata: { name, labels, annotations } };
  await sandbox.controlPlane.api.admin.expect("POST", "/api/v1/namespaces", { body });
}

const closed = ["ringfence-allow-dns", "ringfence-default-deny"] as const;

test("docs/tasks/migrate-a-namespace.md: from hand-written policies to an intent, and back on the way", async () => {
  const page = "docs/tasks/migrate-a-namespace.md";
  const directory = await mkdtemp(join(tmpdir(), "ringfence-migrate-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const [intent] = blocksOf(readPage(page)).filter(({ language }) => language === "yaml");
  await writeFile(join(directory, "intent.yaml"), intent?.text ?? "");
  await makeNamespace("shop");
  const body = { metadata: { name: "default-deny" }, spec: { podSelector: {}, policyTypes: ["Ingress"] } };
  await sandbox.controlPlane.api.admin.expect("POST", policiesPath("shop"), { body });
  const [see, print, ask, declare, takeBack, remove, enforce] = commandsOf(page, "");
  await succeeds(see, directory);
  await succeeds(print, directory);
  await succeeds(ask, directory);
  expect(await policiesIn("shop")).toEqual(["default-deny"]);
  await succeeds(declare, directory);
  await until("the companions", async () => (await policiesIn("shop")).length >= 6);
  await succeeds(takeBack, directory);
  await untilPolicies("shop", "default-deny");
  await succeeds(declare, directory);
  await until("the companions again", async () => (await policiesIn("shop")).length >= 6);
  const removed = await succeeds(remove, directory);
  expect(removed.stdout).toBe(
    'networkpolicy.networking.k8s.io "default-deny" deleted from shop namespace (server dry run)\nnetworkpolicy.networking.k8s.io "default-deny" deleted from shop namespace\n',
  );
  await succeeds(enforce, directory);
  const left = await policiesIn("shop");
  expect(left).toEqual(expect.arrayContaining([...closed]));
  expect(left.filter((name) => !name.startsWith("ringfence-"))).toEqual([]);
});

describe("docs/tasks/declare-an-intent.md", () => {
  const page = "docs/tasks/declare-an-intent.md";

  test("what is declared stands a moment later, and a dry run stores nothing", async () => {
    const directory = await filesOf(page, "declared");
    const [apply, ask] = commandsOf(page, "");
    const { stdout } = await succeeds(typedFor("declared", ask), directory);
    expect(stdout).toBe("namespace/declared created (server dry run)\n");
    await succeeds(typedFor("declared", apply), directory);
    await until("the companions", async () => {
      const names = await policiesIn("declared");
      return names.length === 7 && closed.every((name) => names.includes(name));
    });
  });

  test("what is held back is shown by an Event, and confirmed by what it names", async () => {
    const { admin } = sandbox.controlPlane.api;
    const namespace = "payments";
    await makeNamespace(namespace);
    const labels = { app: "webhook" };
    const ports = [{ containerPort: 8443 }];
    await createRunningPod(admin, { namespace, name: "webhook-1", labels, ip: "10.244.30.1", ports });
    const service = {
      metadata: { name: "payments-webhook" },
      spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
    };
    await admin.expect("POST", `/api/v1/namespaces/${namespace}/services`, { body: service });
    const webhook = {
      name: "payments.example.com",
      clientConfig: { service: { namespace, name: "payments-webhook" } },
      rules: [
        { apiGroups: ["test.example"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] },
      ],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    };
    const configurations = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    const body = { metadata: { name: "payments" }, webhooks: [webhook] };
    await admin.expect("POST", configurations, { body });
    onTestFinished(async () => {
      await admin.send("DELETE", `${configurations}/payments`);
    });
    const [look, confirm] = commandsOf(page, "What is held back");
    const declaring = ["annotate", "namespace", namespace, "ringfence.dev/network-policies=denyAll: true"];
    await until("the request to say so", async () => {
      const { stderr } = await sandbox.controlPlane.kubectl([...declaring, "--dry-run=server"]);
      return stderr.includes("payments-webhook");
    });
    await sandbox.controlPlane.kubectl(declaring);
    await until("the Event", async () => {
      const { stdout } = await succeeds(typedFor(namespace, look));
      return stdout.includes("payments-webhook");
    });
    const isolates = async (): Promise<string> => {
      const path = `${policiesPath(namespace)}/ringfence-default-deny`;
      const stored = (await admin.expect("GET", path)) as { spec: { policyTypes: string[] } };
      return stored.spec.policyTypes.join();
    };
    expect(await isolates()).toBe("Egress");
    await succeeds(typedFor(namespace, confirm));
    await until("ingress to be closed", async () => (await isolates()) === "Ingress,Egress");
  });
});

test("docs/tasks/policies-from-an-intent.md: printed, compared, applied, and pruned when the intent changes", async () => {
  const page = "docs/tasks/policies-from-an-intent.md";
  const namespace = "printed";
  const directory = await filesOf(page, namespace);
  await sandbox.controlPlane.kubectl(["apply", "-f", join(root, "deploy/kustomize/configuration.yaml")]);
  for (const block of blocksOf(readPage(page)).filter(({ language }) => language === "sh")) {
    await succeeds(block, directory);
  }
  await writeFile(join(directory, "ringfence.yaml"), configuration);
  await makeNamespace(namespace);
  const [first, , pruning] = blocksOf(readPage(page))
    .filter(({ language }) => language === "console")
    .map((block) => typedFor(namespace, { ...block, text: block.text.replaceAll(/^\$ /gm, "") }));
  // That there is a difference is exit code 1.
  const apply = first?.text.replace(/^kubectl diff .*$/m, "$& || [ $? -eq 1 ]");
  if (first === undefined || pruning === undefined) throw new Error(`${page} lacks commands`);
  await succeeds({ ...first, text: apply ?? "" }, directory);
  const printed = await policiesIn(namespace);
  expect(printed).toEqual(expect.arrayContaining(["allow-dns", "default-deny"]));
  const file = join(directory, "namespace.yaml");
  await writeFile(file, (await readFile(file, "utf8")).replace(/^ +connections:\n(?: +- .*\n)+/m, ""));
  await succeeds(pruning, directory);
  expect(await policiesIn(namespace)).toEqual(printed.filter((name) => !name.includes("-to-")));
  expect((await policiesIn(namespace)).length).toBeLessThan(printed.length);
});

test("docs/tasks/roll-out.md: a mode label is asked about before it is set", async () => {
  const [ask] = commandsOf("docs/tasks/roll-out.md", "");
  await makeNamespace("rolled-out");
  const { stdout } = await succeeds(typedFor("rolled-out", ask));
  expect(stdout).toBe("namespace/rolled-out labeled (server dry run)\n");
});

test("docs/reference/labels-and-events.md: the Events of a namespace", async () => {
  const [look] = commandsOf("docs/reference/labels-and-events.md", "Events");
  await makeNamespace("told", "denyAll: true");
  await until("the Event", async () => {
    const { stdout } = await succeeds(typedFor("told", look));
    return stdout.includes("CompanionsWritten");
  });
});

describe("docs/tasks/take-out.md", () => {
  const page = "docs/tasks/take-out.md";
  const enforced = { "ringfence.dev/enforce": "baseline" };

  test("R38: one namespace that opts out loses its companions and keeps its own policies", async () => {
    const [withdraw, unlabel] = commandsOf(page, "One namespace");
    await makeNamespace("shop-2", "denyAll: true", enforced);
    await untilPolicies("shop-2", ...closed);
    const own = {
      metadata: { name: "own" },
      spec: { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"] },
    };
    await sandbox.controlPlane.api.admin.expect("POST", policiesPath("shop-2"), { body: own });
    await succeeds(typedFor("shop-2", withdraw));
    await untilPolicies("shop-2", "own");
    const byDefault = `${configuration}  defaults: [{ namespaces: {}, intent: { denyAll: true } }]\n`;
    await sandbox.ringfence.rewriteConfig(byDefault);
    await untilPolicies("shop-2", "own", ...closed);
    await succeeds(typedFor("shop-2", unlabel));
    await untilPolicies("shop-2", "own");
    await sandbox.ringfence.rewriteConfig(configuration);
  });

  test("R38: what an exempt namespace declares is not due, and its companions go", async () => {
    await makeNamespace("exempted", "denyAll: true");
    await untilPolicies("exempted", ...closed);
    await sandbox.ringfence.rewriteConfig(`${configuration}exemptions: { namespaces: [exempted] }\n`);
    await untilPolicies("exempted");
    await sandbox.ringfence.rewriteConfig(configuration);
    await untilPolicies("exempted", ...closed);
  });

  test("R38: all of them withdraw their intents, and no companion is left", async () => {
    const [withdraw] = commandsOf(page, "Ringfence, and its companions with it");
    await makeNamespace("one", "denyAll: true", enforced);
    await makeNamespace("two", "allowIntraNamespace: true");
    await untilPolicies("one", ...closed);
    await untilPolicies(
      "two",
      "ringfence-allow-dns",
      "ringfence-allow-intra-namespace",
      "ringfence-default-deny",
    );
    if (withdraw === undefined) throw new Error(`${page} lacks commands`);
    const [, look] = withdraw.text.trimEnd().split("\n");
    await succeeds(withdraw);
    await until("no companion to be left", async () => {
      const { stdout } = await succeeds({ ...withdraw, text: look ?? "" });
      return stdout === "";
    });
  });

  test("R49: without Ringfence companions stay, nothing is locked, and what remains goes", async () => {
    await makeNamespace("three", "denyAll: true", enforced);
    await untilPolicies("three", ...closed);
    const [, takeOut] = commandsOf(page, "Ringfence, and its companions with it");
    await succeeds(takeOut);
    const { admin } = sandbox.controlPlane.api;
    expect((await admin.send("GET", "/api/v1/namespaces/ringfence-system")).status).toBe(404);
    expect(await policiesIn("three")).toEqual(closed);
    const [unmark] = commandsOf(page, "Ringfence without its companions");
    await succeeds(unmark);
    const marked = `${policiesPath("three")}?labelSelector=app.kubernetes.io/managed-by%3Dringfence`;
    expect(await admin.expect("GET", marked)).toMatchObject({ items: [] });
    // Nobody guards them any more.
    const { tenant } = sandbox.controlPlane.api;
    expect((await tenant.send("DELETE", `${policiesPath("three")}/ringfence-default-deny`)).status).toBe(200);
    const [remains] = commandsOf(page, "What remains");
    await succeeds(remains);
    const left = await admin.expect("GET", "/api/v1/namespaces/three");
    expect(JSON.stringify((left as { metadata: object }).metadata)).not.toMatch(/"ringfence\.dev\/[a-z-]+":/);
    await admin.expect("DELETE", "/api/v1/namespaces/three");
    await until("the namespace to be gone", async () => {
      const { status } = await admin.send("GET", "/api/v1/namespaces/three");
      return status === 404;
    });
  });
});
