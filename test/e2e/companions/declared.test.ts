import { afterAll, beforeAll, expect, test } from "vitest";
import { connects } from "#src/network/connection.ts";
import { startSandbox, type Sandbox } from "../../control-plane/sandbox.ts";
import { policyNames } from "../../control-plane/stored-policies.ts";
import { until } from "../../control-plane/wait.ts";
import { transcript, type Typed } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { rulesOf } from "../scenarios/scenario.ts";
import { configuration, declarations, declare, makeNeighbours, manifests, playedText } from "./declared.ts";

// A control plane of its own: the configuration, which says whom intents mean, concerns every namespace.
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ ringfence: { config: configuration } });
  await makeNeighbours(sandbox.controlPlane);
}, 180_000);
afterAll(() => sandbox.stop(), 60_000);

async function kubectl(...args: string[]): Promise<Typed> {
  const result = await sandbox.controlPlane.kubectl(args, { as: "tenant", cwd: manifests });
  return { ...result, command: ["kubectl", ...args].join(" ") };
}

const namesIn = (namespace: string): Promise<readonly string[]> =>
  policyNames(sandbox.controlPlane.api.admin, namespace);

const untilNames = (namespace: string, names: readonly string[]): Promise<unknown> =>
  until(`${namespace} to hold ${names.join(", ")}`, async () => {
    const found = await namesIn(namespace);
    return found.join() === names.join();
  });

test.each(Object.entries(declarations))(
  "%s: the companions that then stand, and who reaches whom",
  async (name, declaration) => {
    const played = await declare(sandbox.controlPlane, declaration);
    expect(played.applied.code, played.applied.stderr).toBe(0);
    expect(await namesIn(declaration.namespace)).toHaveLength(declaration.companions);
    await expectGolden(playedText(played), `${name}.txt`);
  },
);

test("C3: each edge is allowed on both sides, and what is none on neither", async () => {
  const { ends } = await declare(sandbox.controlPlane, {
    ...declarations["c03-three-tiers"],
    pods: [],
  });
  const between = (from: string, to: string, port: number) => {
    const [source, destination] = [ends.get(from), ends.get(to)];
    if (source === undefined || destination === undefined) throw new Error(`no pod ${from} or ${to}`);
    return connects(source, destination, { protocol: "TCP", port });
  };
  const both = { allowed: true, egress: true, ingress: true };
  expect(between("three-tiers/frontend", "three-tiers/backend", 8080)).toEqual(both);
  expect(between("three-tiers/backend", "three-tiers/postgres", 5432)).toEqual(both);
  const neither = { allowed: false, egress: false, ingress: false };
  expect(between("three-tiers/frontend", "three-tiers/postgres", 5432)).toEqual(neither);
  expect(between("three-tiers/postgres", "three-tiers/backend", 8080)).toEqual(neither);
});

const defaultIntent = `${configuration}  required: true
  defaults:
    - namespaces: { matchLabels: { example.com/tier: web } }
      intent: { denyAll: true, allowIngressFromIngress: true }
`;

test("C12: without an intent a namespace is refused; the default one is written into it, and companions follow", async () => {
  await sandbox.ringfence.rewriteConfig(defaultIntent);
  const refused = await kubectl("apply", "-f", "c12-no-intent.yaml");
  expect(rulesOf(refused)).toEqual(["namespace-without-intent"]);
  const applied = await kubectl("apply", "-f", "c12-default-intent.yaml");
  expect(applied.code, applied.stderr).toBe(0);
  await untilNames("by-default", [
    "ringfence-allow-dns",
    "ringfence-allow-ingress-controllers",
    "ringfence-default-deny",
  ]);
  const annotation = String.raw`jsonpath={.metadata.annotations.ringfence\.dev/network-policies}`;
  const read = await kubectl("get", "namespace", "by-default", "-o", annotation);
  await expectGolden(transcript(refused, applied, read), "c12-intents-required.txt");
});

test("G3d: DNS on demand: a default deny and its DNS allow in any order, and the companion appears", async () => {
  await sandbox.ringfence.rewriteConfig(`${configuration}companions: { dns: onDemand }\n`);
  const { api, kubectl: raw } = sandbox.controlPlane;
  const metadata = { name: "on-demand", labels: { "ringfence.dev/enforce": "baseline" } };
  await api.admin.expect("POST", "/api/v1/namespaces", { body: { metadata } });
  const folder = `${manifests}/../scenarios`;
  const applied = await raw(["-n", "on-demand", "apply", "-f", "g03-one-file.yaml"], {
    as: "tenant",
    cwd: folder,
  });
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  await until("the DNS companion", async () => (await namesIn("on-demand")).includes("ringfence-allow-dns"));
  // The deny alone needs it as well; with the last policy that isolates egress it goes.
  const own = (await namesIn("on-demand")).filter((name) => !name.startsWith("ringfence-"));
  expect((await raw(["-n", "on-demand", "delete", "networkpolicy", ...own], { as: "tenant" })).code).toBe(0);
  await untilNames("on-demand", []);
});
