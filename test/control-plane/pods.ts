import type { ApiClient } from "./api-client.ts";
import { until } from "./wait.ts";

/** The one node of the test's cluster, an object without a kubelet. */
export const nodeName = "node-1";
const nodeAddress = "192.0.2.10";

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: "TCP" | "UDP" | "SCTP";
}

export interface PodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly image?: string;
  readonly ports?: readonly ContainerPort[];
  /** Further fields of the pod's spec, e.g. hostNetwork or dnsPolicy. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/**
 * Creates a pod that looks as if it ran: there is no kubelet, so the status that one would write (address, ready) is
 * written here. Waits for the namespace's default service account, without which no pod is admitted.
 */
export async function createRunningPod(admin: ApiClient, options: PodOptions): Promise<void> {
  const { namespace, name, ip } = options;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await until(`pod ${name} to be admitted`, async () => {
    const { status, body } = await admin.send("POST", path, { body: podOf(options) });
    if (status >= 300 && status !== 409) throw new Error(JSON.stringify(body));
    return true;
  });
  await admin.expect("PATCH", `${path}/${name}/status`, {
    contentType: "application/merge-patch+json",
    body: { status: runningStatus(ip) },
  });
}

function podOf({
  namespace,
  name,
  labels,
  image = "example.test/app:1",
  ports = [],
  spec = {},
}: PodOptions): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      containers: [{ name: "main", image, ports }],
      ...spec,
    },
  };
}

function runningStatus(ip: string): object {
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];
  return {
    phase: "Running",
    podIP: ip,
    podIPs: [{ ip }],
    hostIP: nodeAddress,
    hostIPs: [{ ip: nodeAddress }],
    conditions: conditions.map((type) => ({ type, status: "True" })),
  };
}
