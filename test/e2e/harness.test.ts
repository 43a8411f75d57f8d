import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sumOf } from "../control-plane/metrics.ts";
import { defaultConfiguration, startRingfence } from "../control-plane/ringfence.ts";
import { controlPlane, ownRingfence, sharedRingfence, testNamespace } from "./support.ts";

const cluster = controlPlane();

const denyEgress = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny }
spec: { podSelector: {}, policyTypes: [Egress] }
`;
const base = { "ringfence.dev/enforce": "baseline" };

/** What every other test here relies on. */
describe("the harness", () => {
  test("R89: a verdict is seen in the audit log, in the API server's metrics and in Ringfence's own", async () => {
    const name = "validate.ringfence.dev";
    const rejections = async (): Promise<number> =>
      sumOf(await cluster.metrics(), "apiserver_admission_webhook_rejection_count", { name });
    const before = await rejections();
    const namespace = await testNamespace(base);
    const { code, stderr } = await namespace.applyAs("tenant", denyEgress);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(`admission webhook "${name}" denied the request`);
    const event = await cluster.audit.event({
      resource: "networkpolicies",
      namespace: namespace.name,
      verb: "create",
    });
    expect(event.user.username).toBe("tom");
    expect(event.responseStatus?.code).toBe(403);
    const keys = Object.keys(event.annotations ?? {});
    // The index counts other mutating webhooks as well: those of tests that run beside this one.
    const rounds = keys.filter((key) => key.startsWith("mutation.webhook.admission.k8s.io/round_0_index_"));
    expect(rounds, keys.join(" ")).toHaveLength(1);
    expect(
      keys.some((key) => key.startsWith(`${name}/`)),
      keys.join(" "),
    ).toBe(true);
    expect(await rejections()).toBeGreaterThan(before);
    const line = await sharedRingfence().awaitLog(
      "the denial",
      (entry) => entry.namespace === namespace.name && entry.verdict === "denied",
    );
    expect(line).toMatchObject({ webhook: "validate", name: "deny", user: "tom" });
  });

  test("a Ringfence of its own takes another configuration, and comes back after its death", async () => {
    const ringfence = await ownRingfence("harness");
    const namespace = await testNamespace(base, { instance: "harness" });
    const applied = async (): Promise<number> =>
      (await namespace.applyAs("tenant", denyEgress, "--dry-run=server")).code;
    const created = async (): Promise<number> => (await namespace.createAs("tenant", denyEgress)).code;

    expect(await created(), "denied").toBe(1);
    await ringfence.rewriteConfig(`${defaultConfiguration}enforcement: warn\n`);
    expect(await created(), "enforcement: warn").toBe(0);
    await namespace.kubectl(["delete", "networkpolicy", "deny"]);
    await ringfence.rewriteConfig("enforcement: nonsense\n");
    expect(await created(), "the last good configuration stays").toBe(0);
    await namespace.kubectl(["delete", "networkpolicy", "deny"]);

    await ringfence.halt("SIGKILL");
    const { stderr } = await namespace.createAs("tenant", denyEgress);
    expect(stderr).toContain('failed calling webhook "validate.ringfence.dev"');
    // The broken file would stop it from starting.
    await ringfence.rewriteConfig(defaultConfiguration);
    await ringfence.start();
    expect(await applied(), "a dry run warns of what another object may cure").toBe(0);
    expect(await created(), "denied again").toBe(1);
  });

  test("a Ringfence follows a file of the user's, and leaves it where it is", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ringfence-harness-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const configFile = join(directory, "mine.yaml");
    await writeFile(configFile, defaultConfiguration);
    const ringfence = await startRingfence(cluster, { configFile, register: false });
    onTestFinished(() => ringfence.stop());
    await writeFile(configFile, `${defaultConfiguration}enforcement: warn\n`);
    await ringfence.awaitLog("the edit", ({ enforcement }) => enforcement === "warn");
    await ringfence.stop();
    expect(await readFile(configFile, "utf8")).toContain("enforcement: warn");
  });
});
