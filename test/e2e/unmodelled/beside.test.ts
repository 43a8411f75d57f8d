import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { startSandbox, type Sandbox } from "../../control-plane/sandbox.ts";
import { until } from "../../control-plane/wait.ts";
import type { Typed } from "../../support/transcript.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { base, rulesOf, warningsOf } from "../scenarios/scenario.ts";
import { uniqueName } from "../support.ts";
import { antrea, cilium, clusterWide, definition, endpoint, objectOf, type CustomKind } from "./kinds.ts";

/** Of its own: a kind that comes or goes concerns every namespace of a cluster. */
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
}, 180_000);
afterAll(() => sandbox.stop(), 60_000);

/** kubectl as the tenant, from the folder of the scenarios' manifests; as the admin where it is said. */
async function kubectl(args: readonly string[], stdin?: string): Promise<Typed> {
  const as = stdin === undefined ? "tenant" : "admin";
  const cwd = `${import.meta.dirname}/../scenarios`;
  const result = await sandbox.controlPlane.kubectl(args, {
    as,
    cwd,
    ...(stdin === undefined ? {} : { stdin }),
  });
  return { ...result, command: ["kubectl", ...args].join(" ") };
}

async function asAdmin(args: readonly string[], object: object = {}): Promise<void> {
  const { code, stderr } = await kubectl(args, JSON.stringify(object));
  expect(code, stderr).toBe(0);
}

const create = (object: object, namespace?: string): Promise<void> =>
  asAdmin(["create", "-f", "-", ...(namespace === undefined ? [] : ["-n", namespace])], object);

async function makeNamespace(): Promise<string> {
  const name = uniqueName("shop");
  await create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: base } });
  return name;
}

async function makeKind(kind: CustomKind): Promise<void> {
  const { metadata } = definition(kind) as { metadata: { name: string } };
  await create(definition(kind));
  await asAdmin(["wait", "--for=condition=Established", `crd/${metadata.name}`]);
  onTestFinished(() => deleteKind(kind));
}

const deleteKind = ({ plural, group }: CustomKind): Promise<void> =>
  asAdmin(["delete", "crd", `${plural}.${group}`, "--ignore-not-found"]);

/** Until Ringfence counts so many policies of the kind; undefined: until it does not know the kind any more. */
async function untilCounted({ kind, group }: CustomKind, count: number | undefined): Promise<void> {
  const id = `${kind}.${group}`;
  await until(`Ringfence to count ${String(count)} of ${id}`, async () => {
    const samples = await sandbox.ringfence.metrics("ringfence_unmodelled_policies");
    return samples.find(({ labels }) => labels.get("kind") === id)?.value === count;
  });
}

/** An egress default deny without DNS, which a rule of the set refuses; on a dry run it would only warn. */
const apply = (namespace: string): Promise<Typed> =>
  kubectl(["-n", namespace, "apply", "-f", "g01-egress-default-deny.yaml"]);

async function expectJudged(namespace: string): Promise<void> {
  const denied = await apply(namespace);
  expect(denied.code, denied.stderr).toBe(1);
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);
  expect(warningsOf(denied)).toEqual([]);
}

/** It is let through, with one warning; and taken away again. */
async function expectUnknown(namespace: string, warning: string): Promise<Typed> {
  const applied = await apply(namespace);
  expect(applied.code, applied.stderr).toBe(0);
  expect(warningsOf(applied)).toEqual([`missing-dns-egress and 2 other rules: unknown here: ${warning}`]);
  await asAdmin(["-n", namespace, "delete", "networkpolicy", "--all"]);
  return applied;
}

const golden = (name: string, namespace: string, ...typed: Typed[]): Promise<void> =>
  expectGolden(transcript(...typed), `unmodelled.${name}.txt`, { [namespace]: "shop" });

test("R84 R91: beside a CiliumNetworkPolicy rules of the set are unknown in its namespace, and back when it is gone, without a restart", async () => {
  const pid = sandbox.ringfence.pid();
  const [shop, other] = [await makeNamespace(), await makeNamespace()];
  await expectJudged(shop);
  await makeKind(cilium);
  await makeKind(endpoint);
  await untilCounted(cilium, 0);
  await expectJudged(shop);

  await create(objectOf(endpoint, "web-1"), shop);
  await create(objectOf(cilium, "web"), shop);
  await untilCounted(cilium, 1);
  const text = "the namespace holds CiliumNetworkPolicy (cilium.io), which is not judged yet";
  const allowed = await expectUnknown(shop, text);
  await golden("namespace", shop, allowed);
  await expectJudged(other);

  const { annotations } = await sandbox.controlPlane.audit.event({
    resource: "networkpolicies",
    namespace: shop,
    verb: "create",
  });
  expect(annotations?.["validate.ringfence.dev/unknown"]?.split("; ")).toContain(
    "missing-dns-egress: CiliumNetworkPolicy (cilium.io) not known",
  );
  const unknown = "ringfence_rule_unknown_total";
  const counted = await sandbox.ringfence.metrics(unknown);
  expect(sumOf(counted, unknown, { rule: "missing-dns-egress" })).toBeGreaterThan(0);

  // What a rule sees in the object alone is refused all the same.
  const faulty = await kubectl(["-n", shop, "apply", "-f", "g10-rules-outside-policy-types.yaml"]);
  expect([faulty.code, rulesOf(faulty)]).toEqual([1, ["rules-outside-policy-types"]]);

  await asAdmin(["-n", shop, "delete", "ciliumnetworkpolicy", "web"]);
  await untilCounted(cilium, 0);
  await expectJudged(shop);

  // The kind goes with a policy that stands.
  await create(objectOf(cilium, "web"), shop);
  await untilCounted(cilium, 1);
  await expectUnknown(shop, text);
  await deleteKind(cilium);
  await untilCounted(cilium, undefined);
  await expectJudged(shop);
  expect(sandbox.ringfence.pid()).toBe(pid);
}, 180_000);

test("R84: a cluster-wide policy makes them unknown in every namespace, and a label that asks for them is answered so", async () => {
  const [shop, other] = [await makeNamespace(), await makeNamespace()];
  await makeKind(clusterWide);
  await untilCounted(clusterWide, 0);
  await expectJudged(shop);
  await create(objectOf(clusterWide, "tenants"));
  await untilCounted(clusterWide, 1);
  const text = "the cluster holds ClusterNetworkPolicy (policy.networking.k8s.io), which is not judged yet";
  await golden("cluster", shop, await expectUnknown(shop, text));
  await expectUnknown(other, text);
  const label = ["label", "namespace", other, "ringfence.dev/warn=restricted", "--overwrite"];
  const labelled = await kubectl(label, "");
  expect(warningsOf(labelled).join("\n")).toMatch(
    /^missing-dns-egress and \d+ other rules: unknown here: the cluster holds /,
  );
  await asAdmin(["delete", "clusternetworkpolicies.policy.networking.k8s.io", "tenants"]);
  await untilCounted(clusterWide, 0);
  await expectJudged(shop);
  await expectJudged(other);
}, 180_000);

test("R83 R84: a kind that may not be read is named, in the warning and by readiness, and denies nothing", async () => {
  const shop = await makeNamespace();
  await asAdmin(["delete", "clusterrolebinding", "ringfence-view-other-policies"]);
  await makeKind(antrea);
  const id = "NetworkPolicy.crd.antrea.io";
  await until("Ringfence to be refused", async () =>
    (await sandbox.ringfence.readiness()).text.includes(`${id}: forbidden`),
  );
  const { status, text } = await sandbox.ringfence.readiness();
  expect(status).toBe(200);
  expect(text).toMatch(/NetworkPolicy\.crd\.antrea\.io: forbidden.*cannot list resource "networkpolicies"/);
  const synced = "ringfence_reflector_synced";
  const samples = await sandbox.ringfence.metrics(synced);
  expect(samples.find(({ labels }) => labels.get("kind") === id)?.value).toBe(0);
  const unreadable = "NetworkPolicy (crd.antrea.io) cannot be read and may stand here";
  await golden("unreadable", shop, await expectUnknown(shop, unreadable));
  await deleteKind(antrea);
  await untilCounted(antrea, undefined);
  await until(
    "Ringfence to forget the kind",
    async () => !(await sandbox.ringfence.readiness()).text.includes(id),
  );
  await expectJudged(shop);
}, 180_000);
