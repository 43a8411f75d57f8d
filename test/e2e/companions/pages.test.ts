import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startSandbox, type Sandbox } from "../../control-plane/sandbox.ts";
import { until } from "../../control-plane/wait.ts";
import { blocksOf, readPage, type Block } from "../../docs/markdown.ts";
import { configuration } from "./declared.ts";

// The commands of pages, typed by an operator from the top of the page to its end. A control plane of its own: they take
// Ringfence out.
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ ringfence: { config: configuration } });
}, 180_000);
afterAll(() => sandbox.stop(), 60_000);

const root = join(import.meta.dirname, "../../..");

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A block of commands as a shell runs it; the first that fails ends it. */
async function shell({ text }: Block, cwd: string): Promise<Ran> {
  const env = sandbox.environment(process.env);
  return await new Promise((resolve) => {
    execFile("bash", ["-ec", text], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

async function succeeds(block: Block | undefined, cwd = root): Promise<Ran> {
  if (block === undefined) throw new Error("the page has no such block");
  const ran = await shell(block, cwd);
  expect(ran.code, `${block.text}${ran.stderr}`).toBe(0);
  return ran;
}

const commandsOf = (path: string, chapter: string): readonly Block[] =>
  blocksOf(readPage(path)).filter((block) => block.language === "sh" && block.chapter === chapter);

const pathOf = (namespace: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;

async function policiesIn(namespace: string): Promise<readonly string[]> {
  const list = (await sandbox.controlPlane.api.admin.expect("GET", pathOf(namespace))) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  return list.items.map(({ metadata }) => metadata.name).sort();
}

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
  await sandbox.controlPlane.api.admin.expect("POST", pathOf("shop"), { body });
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
    await sandbox.controlPlane.api.admin.expect("POST", pathOf("shop-2"), { body: own });
    const there = ({ text, ...block }: Block): Block => ({
      ...block,
      text: text.replaceAll("namespace shop", "namespace shop-2"),
    });
    if (withdraw === undefined || unlabel === undefined) throw new Error(`${page} lacks commands`);
    await succeeds(there(withdraw));
    await untilPolicies("shop-2", "own");
    const byDefault = `${configuration}  defaults: [{ namespaces: {}, intent: { denyAll: true } }]\n`;
    await sandbox.ringfence.rewriteConfig(byDefault);
    await untilPolicies("shop-2", "own", ...closed);
    await succeeds(there(unlabel));
    await untilPolicies("shop-2", "own");
    await sandbox.ringfence.rewriteConfig(configuration);
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
    const marked = `${pathOf("three")}?labelSelector=app.kubernetes.io/managed-by%3Dringfence`;
    expect(await admin.expect("GET", marked)).toMatchObject({ items: [] });
    // Nobody guards them any more.
    const { tenant } = sandbox.controlPlane.api;
    expect((await tenant.send("DELETE", `${pathOf("three")}/ringfence-default-deny`)).status).toBe(200);
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
