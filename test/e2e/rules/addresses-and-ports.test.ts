// Rules about addresses and ports. A control plane of its own: its API server takes CIDRs of any form, Services have
// addresses of both families, and the network plugin is an old Cilium; in every other test that would be told as well.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { sumOf } from "../../control-plane/metrics.ts";
import { createRunningPod, nodeName } from "../../control-plane/pods.ts";
import { startRingfence, type Ringfence } from "../../control-plane/ringfence.ts";
import { until } from "../../control-plane/wait.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { uniqueName } from "../support.ts";

let plane: ControlPlane;
let ringfence: Ringfence | undefined;
const merge = "application/merge-patch+json";

beforeAll(async () => {
  plane = await startControlPlane({
    featureGates: { StrictIPCIDRValidation: false },
    apiServerArgs: ["--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"],
  });
  await describeNode();
  await installCilium();
  ringfence = await startRingfence(plane);
  const verdict = "ringfence_cni_verdict";
  await until("the facts of the cluster to be read", async () => {
    const samples = (await ringfence?.metrics(verdict)) ?? [];
    return sumOf(samples, verdict, { verdict: "enforced" }) === 1;
  });
});
afterAll(async () => {
  await ringfence?.stop();
  await plane.stop();
});

/** What kube-controller-manager and a kubelet would write of the cluster's node. */
async function describeNode(): Promise<void> {
  const path = `/api/v1/nodes/${nodeName}`;
  await plane.api.admin.expect("PATCH", path, {
    contentType: merge,
    body: { spec: { podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24", "fd00:10:244::/64"] } },
  });
  await plane.api.admin.expect("PATCH", `${path}/status`, {
    contentType: merge,
    body: { status: { addresses: [{ type: "InternalIP", address: "192.0.2.10" }] } },
  });
}

/** Cilium 1.16 on the one node. No controller of DaemonSets runs here: its status is written like the rest. */
async function installCilium(): Promise<void> {
  const { admin } = plane.api;
  const labels = { "k8s-app": "cilium" };
  const containers = [{ name: "cilium-agent", image: "quay.io/cilium/cilium:v1.16.9" }];
  await admin.expect("POST", "/api/v1/namespaces/kube-system/configmaps", {
    body: { metadata: { name: "cilium-config" }, data: { "enable-policy": "default" } },
  });
  const path = "/apis/apps/v1/namespaces/kube-system/daemonsets";
  await admin.expect("POST", path, {
    body: {
      metadata: { name: "cilium", labels },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { hostNetwork: true, containers } },
      },
    },
  });
  await admin.expect("PATCH", `${path}/cilium/status`, {
    contentType: merge,
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

interface Case {
  readonly rule: string;
  /** Rules of the policy; it is for the pods app=api. */
  readonly ingress?: string;
  readonly egress?: string;
  readonly service?: object;
}

const web = {
  metadata: { name: "api" },
  spec: { selector: { app: "api" }, ports: [{ port: 80, targetPort: 8080 }] },
};
const cases: readonly Case[] = [
  { rule: "cidr-not-canonical", ingress: "{ from: [{ ipBlock: { cidr: 198.51.100.7/24 } }] }" },
  {
    rule: "except-as-deny",
    ingress:
      "{ from: [{ ipBlock: { cidr: 203.0.0.0/16, except: [203.0.113.0/24] } }, { ipBlock: { cidr: 203.0.112.0/20 } }] }",
  },
  {
    rule: "single-family-ipblock",
    ingress: "{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }], ports: [{ port: 8080 }] }",
  },
  {
    rule: "named-port-on-ipblock",
    egress: "{ to: [{ ipBlock: { cidr: 203.0.113.8/32 } }], ports: [{ port: postgres }] }",
  },
  {
    rule: "endport-unsupported",
    ingress: "{ from: [{ podSelector: {} }], ports: [{ port: 8000, endPort: 8010 }] }",
  },
  {
    rule: "sctp-unsupported",
    ingress: "{ from: [{ podSelector: {} }], ports: [{ protocol: SCTP, port: 3868 }] }",
  },
  {
    rule: "ipblock-in-cluster",
    egress: "{ to: [{ ipBlock: { cidr: 10.96.0.1/32 } }], ports: [{ port: 443 }] }",
  },
  { rule: "named-port-unresolved", ingress: "{ from: [{ podSelector: {} }], ports: [{ port: web }] }" },
  {
    rule: "service-port-not-container-port",
    ingress: "{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }",
    service: web,
  },
];

const allowDns = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
`;

function policyOf({ ingress, egress }: Case): string {
  const rules = ingress === undefined ? `  egress: [${egress ?? ""}]` : `  ingress: [${ingress}]`;
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [${ingress === undefined ? "Egress" : "Ingress"}]
${rules}
`;
}

/** A namespace that asks for warnings, with a pod of the application. */
async function shopWith({ service }: Case): Promise<string> {
  const { admin } = plane.api;
  const namespace = uniqueName("shop");
  const labels = { "ringfence.dev/warn": "baseline" };
  await admin.expect("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace, labels } } });
  await createRunningPod(admin, {
    namespace,
    name: "api-1",
    labels: { app: "api" },
    ip: "10.244.0.7",
    ports: [{ name: "http", containerPort: 8080 }],
  });
  if (service !== undefined)
    await admin.expect("POST", `/api/v1/namespaces/${namespace}/services`, { body: service });
  return namespace;
}

/** What other rules say of the policy is shown by their own cases; what the API server says itself stays. */
function withoutOthers(stderr: string, rule: string): string {
  const lines = stderr.split(/(?<=\n)/);
  return lines
    .filter((line) => !/^Warning: [a-z-]+( at |: )/.test(line) || line.includes(` ${rule} `))
    .join("");
}

test.each(cases)("R91: $rule warns and lets the policy in", async (one) => {
  const namespace = await shopWith(one);
  const apply = (stdin: string, ...flags: string[]) =>
    plane.kubectl(["--namespace", namespace, "apply", "-f", "-", ...flags], { as: "tenant", stdin });
  const dns = await apply(allowDns);
  expect(dns.code, dns.stderr).toBe(0);
  await until(`${one.rule} to see what it needs`, async () =>
    (await apply(policyOf(one), "--dry-run=server")).stderr.includes(`Warning: ${one.rule} at `),
  );
  const seen = await apply(policyOf(one));
  expect(seen.code, seen.stderr).toBe(0);
  const stderr = withoutOthers(seen.stderr, one.rule);
  const text = transcript({ ...seen, stderr, command: "kubectl -n shop apply -f policy.yaml" });
  await expectGolden(text, `rule-${one.rule}.txt`, { [namespace]: "shop" });
});
