import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { sumOf } from "../control-plane/metrics.ts";
import { startRingfence, type Ringfence } from "../control-plane/ringfence.ts";
import { until } from "../control-plane/wait.ts";
import { expectGolden } from "./golden.ts";

// A control plane of its own: whether policies are enforced is a fact of the whole cluster, and would be told in every other test.
let plane: ControlPlane;
const root = join(import.meta.dirname, "../..");

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(async () => {
  await plane.stop();
});

/** `ringfence doctor cni` under the account that deploy/kustomize makes. */
async function doctor(
  ...flags: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const kubeconfig = plane.address.kubeconfigs.ringfence;
  const args = [join(root, "bin/ringfence"), "doctor", "cni", "--kubeconfig", kubeconfig, ...flags];
  return await new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

const daemonSets = "/apis/apps/v1/namespaces/kube-flannel/daemonsets";
const flanneld = { name: "kube-flannel", image: "ghcr.io/flannel-io/flannel:v0.27.0" };
const engine = {
  name: "kube-network-policies",
  image: "registry.k8s.io/networking/kube-network-policies:v0.7.0",
};

/** flannel on the control plane's one node. No controller of DaemonSets runs here: its status is written like the rest. */
async function installFlannel(): Promise<void> {
  const { admin } = plane.api;
  await admin.expect("POST", "/api/v1/namespaces", { body: { metadata: { name: "kube-flannel" } } });
  const labels = { app: "flannel" };
  const body = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "kube-flannel-ds", labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { hostNetwork: true, containers: [flanneld] } },
    },
  };
  await admin.expect("POST", daemonSets, { body });
  await admin.expect("PATCH", `${daemonSets}/kube-flannel-ds/status`, {
    contentType: "application/merge-patch+json",
    body: {
      status: {
        observedGeneration: 1,
        currentNumberScheduled: 1,
        desiredNumberScheduled: 1,
        numberMisscheduled: 0,
        numberReady: 1,
      },
    },
  });
}

async function setContainers(containers: readonly object[]): Promise<void> {
  await plane.api.admin.expect("PATCH", `${daemonSets}/kube-flannel-ds`, {
    contentType: "application/merge-patch+json",
    body: { spec: { template: { spec: { containers } } } },
  });
}

async function verdictOf(ringfence: Ringfence, verdict: string): Promise<void> {
  const metric = "ringfence_cni_verdict";
  await until(
    `the verdict ${verdict}`,
    async () => sumOf(await ringfence.metrics(metric), metric, { verdict }) === 1,
  );
}

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
`;

test("O5: a cluster without a plugin is unknown, though the account may read all that tells", async () => {
  const { code, stdout, stderr } = await doctor("--format", "json");
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "unknown",
    plugins: [],
    missing: ["no network plugin was found that Ringfence knows"],
  });
});

test("O5: flannel alone: not enforced, each policy written is answered with a warning, until an engine is there", async () => {
  await installFlannel();
  const { code, stdout } = await doctor();
  expect(code).toBe(1);
  await expectGolden(stdout, "o5-not-enforced.doctor.txt");
  // It asks for nothing: that a policy has no effect is said everywhere.
  await plane.api.admin.expect("POST", "/api/v1/namespaces", { body: { metadata: { name: "shop" } } });
  const ringfence = await startRingfence(plane);
  try {
    await verdictOf(ringfence, "not-enforced");
    expect((await ringfence.readiness()).text).toMatch(/^cni: not-enforced \(flannel\), read \d+ s ago$/m);
    const apply = () =>
      plane.kubectl(["--namespace", "shop", "create", "-f", "-"], { as: "tenant", stdin: policy });
    const warned = await apply();
    expect(warned.code, warned.stderr).toBe(0);
    await expectGolden(warned.stderr + warned.stdout, "o5-not-enforced.kubectl.txt");
    await plane.kubectl(["--namespace", "shop", "delete", "networkpolicy", "default-deny"]);
    await setContainers([flanneld, engine]);
    expect((await doctor()).code).toBe(0);
    await ringfence.halt();
    await ringfence.start();
    await verdictOf(ringfence, "enforced");
    const silent = await apply();
    expect(silent).toMatchObject({ code: 0, stderr: "" });
  } finally {
    await ringfence.stop();
    await setContainers([flanneld]);
  }
});

test("O5: a right that is missing makes the verdict unknown and is named", async () => {
  const binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/ringfence-view-platform";
  await plane.api.admin.expect("DELETE", binding);
  // The authorizer learns of it by a watch.
  await until(
    "the account to lose its right",
    async () => (await plane.api.ringfence.send("GET", "/api/v1/nodes")).status === 403,
  );
  const { code, stdout } = await doctor();
  expect(code).toBe(2);
  expect(stdout).toContain("- no right to list nodes");
  expect(stdout).toContain("deploy/kustomize/rbac.yaml");
});

test("the account may read the ConfigMaps that are named, and no others", async () => {
  const status = async (name: string): Promise<number> =>
    (await plane.api.ringfence.send("GET", `/api/v1/namespaces/kube-system/configmaps/${name}`)).status;
  expect(await status("cilium-config")).toBe(404);
  expect(await status("amazon-vpc-cni")).toBe(404);
  expect(await status("extension-apiserver-authentication")).toBe(403);
  expect((await plane.api.ringfence.send("GET", "/api/v1/namespaces/kube-system/configmaps")).status).toBe(
    403,
  );
  expect(
    (await plane.api.ringfence.send("GET", "/api/v1/namespaces/default/configmaps/cilium-config")).status,
  ).toBe(403);
});
