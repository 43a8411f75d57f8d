import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../control-plane/sandbox.ts";
import { until } from "../../control-plane/wait.ts";
import { transcript, type Typed } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { base, rulesOf, warningsOf } from "../scenarios/scenario.ts";
import { uniqueName } from "../support.ts";
import { createNodeLocalDns, createOpenshiftDns } from "./cluster.ts";

// A control plane of its own: where pods resolve names concerns every namespace of a cluster. The tests go on from what
// the one before has left.
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, 180_000);
afterAll(() => sandbox.stop(), 60_000);

const program = join(import.meta.dirname, "../../../bin/ringfence");
const admin = () => sandbox.controlPlane.api.admin;

/** `ringfence …` as the admin, or as Ringfence's own account. */
async function ringfence(args: readonly string[], as: "admin" | "ringfence" = "admin"): Promise<Typed> {
  const kubeconfig = sandbox.controlPlane.address.kubeconfigs[as];
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return await new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 0;
      resolve({ code, stdout, stderr, command: ["ringfence", ...args].join(" ") });
    });
  });
}

async function kubectl(args: readonly string[], stdin?: string): Promise<Typed> {
  const cwd = join(import.meta.dirname, "../scenarios");
  const options = { as: "tenant" as const, cwd, ...(stdin === undefined ? {} : { stdin }) };
  const result = await sandbox.controlPlane.kubectl(args, options);
  return { ...result, command: ["kubectl", ...args].join(" ") };
}

async function makeShop(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = uniqueName("shop");
  const labels = { ...base, ...more };
  await admin().expect("POST", "/api/v1/namespaces", { body: { metadata: { name, labels } } });
  return name;
}

const denyAll = (shop: string) => kubectl(["-n", shop, "apply", "-f", "g01-egress-default-deny.yaml"]);
/** The DNS allow of most clusters: pods of kube-system, port 53. */
const usualAllow = (shop: string) => kubectl(["-n", shop, "apply", "-f", "g02-dns-allow-first.yaml"]);

const untilDns = (text: string) =>
  until(`DNS: ${text}`, async () => (await sandbox.ringfence.readiness()).text.includes(text));

const golden = (name: string, shop: string, ...typed: Typed[]): Promise<void> =>
  expectGolden(transcript(...typed), `dns.${name}.txt`, { [shop]: "shop" });

/** Applies what the command named by a denial prints, and then what was denied. */
async function follows(shop: string, denied: Typed): Promise<void> {
  const [, command = ""] = /ringfence (generate dns [^(;\n]*)/.exec(denied.stderr) ?? [];
  const printed = await ringfence(command.trim().split(" "));
  expect(printed.code, printed.stderr).toBe(0);
  const applied = await kubectl(["-n", shop, "apply", "-f", "-"], printed.stdout);
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  const again = await denyAll(shop);
  expect([again.code, again.stderr]).toEqual([0, ""]);
}

test("a cluster whose DNS is not found: nothing is denied for it", async () => {
  const shop = await makeShop();
  await untilDns("Service kube-system/kube-dns with 2 ready endpoint addresses");
  expect(rulesOf(await denyAll(shop))).toEqual(["missing-dns-egress"]);
  await admin().expect("DELETE", "/api/v1/namespaces/kube-system/services/kube-dns");
  await untilDns("no DNS Service was found");
  const applied = await denyAll(shop);
  const asked = await ringfence(["doctor", "dns"]);
  expect(asked.code).toBe(2);
  await golden("unknown", shop, applied, asked);
}, 60_000);

test("OpenShift: the resolver of another namespace, on 5353, comes and is judged without a restart", async () => {
  const shop = await makeShop();
  await createOpenshiftDns(admin());
  await untilDns("Service openshift-dns/dns-default with 1 ready endpoint address");
  const denied = await usualAllow(shop);
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);
  const asked = await ringfence(["doctor", "dns"], "ringfence");
  expect(asked.code).toBe(0);
  await golden("openshift", shop, denied, asked);
  await follows(shop, await denyAll(shop));
}, 60_000);

test("NodeLocal DNSCache: its addresses are read from its arguments", async () => {
  const shop = await makeShop({ "ringfence.dev/warn": "baseline" });
  await admin().expect("DELETE", "/api/v1/namespaces/openshift-dns/services/dns-default");
  const ports = ["UDP", "TCP"].map((protocol) => ({
    name: `dns-${protocol.toLowerCase()}`,
    protocol,
    port: 53,
  }));
  const spec = { clusterIP: "10.96.0.10", selector: { "k8s-app": "kube-dns" }, ports };
  await admin().expect("POST", "/api/v1/namespaces/kube-system/services", {
    body: { metadata: { name: "kube-dns" }, spec },
  });
  await createNodeLocalDns(admin(), "10.96.0.10");
  // Facts are read once a minute, and at the start.
  await sandbox.ringfence.halt();
  await sandbox.ringfence.start();
  await untilDns("NodeLocal DNSCache at 169.254.20.10, 10.96.0.10");
  const denied = await denyAll(shop);
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);
  const warned = await usualAllow(shop);
  expect(warned.code, warned.stderr).toBe(0);
  expect(warningsOf(warned)).toHaveLength(1);
  const asked = await ringfence(["doctor", "dns"], "ringfence");
  expect(asked.code).toBe(0);
  await golden("node-local-dns", shop, denied, warned, asked);
  const cleared = await kubectl(["-n", shop, "delete", "networkpolicy", "--all"]);
  expect(cleared.code, cleared.stderr).toBe(0);
  await follows(shop, denied);
}, 60_000);

test("doctor dns says the same to programs, and what of it configuration overrides", async () => {
  const told = await ringfence(["doctor", "dns", "--format", "json"], "ringfence");
  expect(JSON.parse(told.stdout)).toMatchObject({
    schemaVersion: 1,
    check: "dns",
    profile: "known",
    source: "detected",
    resolvers: [
      { kind: "kube-dns", name: "kube-system/kube-dns", asked: "yes" },
      { kind: "node-local-dns", nodeAddresses: ["169.254.20.10", "10.96.0.10"], hostNetwork: true },
    ],
    missing: [],
    generate: "ringfence generate dns --to kube-system/k8s-app=kube-dns --to 169.254.20.10 --to 10.96.0.10",
  });
  const { configFile } = sandbox.ringfence.address;
  await sandbox.ringfence.rewriteConfig(`apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
dns:
  resolvers: [{ addresses: [192.0.2.53] }]
`);
  const configured = await ringfence(["doctor", "dns", "--config", configFile, "--format", "json"]);
  expect(JSON.parse(configured.stdout)).toMatchObject({
    profile: "known",
    source: "configuration",
    resolvers: [{ kind: "configured", nodeAddresses: ["192.0.2.53"] }],
    overridden: { why: expect.stringContaining("NodeLocal DNSCache at 169.254.20.10, 10.96.0.10") as string },
  });
  await untilDns("configuration");
}, 60_000);
