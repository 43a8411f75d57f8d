import type { ApiClient } from "../control-plane/api-client.ts";
import { duration, type Progress } from "../control-plane/progress.ts";

/** How large a cluster is; in each namespace are four policies and ten pods. */
export interface ClusterSize {
  readonly id: "a" | "b";
  readonly namespaces: number;
}

export const policiesPerNamespace = 4;
export const podsPerNamespace = 10;

/** The namespace without an allowed way to the DNS, in which a denial waits for its cure. */
export const heldNamespace = "bench-held";

export function namespaceName(index: number): string {
  return `bench-${String(index).padStart(5, "0")}`;
}

/** Requests under way at once; the API server is busy with far fewer. */
const parallel = 64;

/**
 * Fills the cluster through the API server: namespaces that enforce baseline, with a default deny, the DNS allow, two
 * policies between the tiers, and the pods of three tiers.
 */
export async function fillCluster(admin: ApiClient, size: ClusterSize, progress: Progress): Promise<void> {
  const start = Date.now();
  let done = 0;
  let told = start;
  const fill = async (index: number): Promise<void> => {
    await fillNamespace(admin, namespaceName(index), index);
    done++;
    if (Date.now() - told < 15_000) return;
    told = Date.now();
    progress(
      `cluster (${size.id}): ${done} of ${size.namespaces} namespaces, ${duration(told - start)} so far`,
    );
  };
  await createNamespace(admin, "monitoring", 0);
  await createNamespace(admin, heldNamespace, 0);
  await admin.expect("POST", `/api/v1/namespaces/${heldNamespace}/pods`, {
    body: pod("backend-0", "backend"),
  });
  const indices = Array.from({ length: size.namespaces }).keys();
  const worker = async (): Promise<void> => {
    for (const index of indices) await fill(index);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const objects = size.namespaces * (1 + policiesPerNamespace + podsPerNamespace);
  progress(
    `cluster (${size.id}): ${objects} objects in ${size.namespaces} namespaces made in ${duration(Date.now() - start)}`,
  );
}

async function fillNamespace(admin: ApiClient, name: string, index: number): Promise<void> {
  await createNamespace(admin, name, index);
  for (const policy of policies(name)) {
    const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`;
    await admin.expect("POST", path, { body: policy });
  }
  for (let number = 0; number < podsPerNamespace; number++) {
    const tier = number < 4 ? "frontend" : number < 8 ? "backend" : "postgres";
    await admin.expect("POST", `/api/v1/namespaces/${name}/pods`, {
      body: pod(`${tier}-${hash(name, tier)}-${number}`, tier, hash(name, tier)),
    });
  }
}

async function createNamespace(admin: ApiClient, name: string, index: number): Promise<void> {
  const labels = { "ringfence.dev/enforce": "baseline", "example.com/team": `team-${index % 50}` };
  await admin.expect("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
  });
}

const appLabel = "app.kubernetes.io/name";
const app = (name: string) => ({ matchLabels: { [appLabel]: name } });

function policies(namespace: string): object[] {
  const policy = (name: string, spec: object): object => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, labels: { "app.kubernetes.io/instance": namespace } },
    spec,
  });
  const resolver = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  };
  const dnsPorts = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
  const edge = (port: number): object[] => [{ protocol: "TCP", port }];
  return [
    policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("allow-dns", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [resolver], ports: dnsPorts }],
    }),
    policy("frontend-to-backend", {
      podSelector: app("backend"),
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: app("frontend") }], ports: edge(8080) }],
    }),
    policy("backend-to-postgres", {
      podSelector: app("backend"),
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: app("postgres") }], ports: edge(5432) }],
    }),
  ];
}

/** A pod as a ReplicaSet makes it, with a label of its template's own. */
function pod(name: string, tier: string, templateHash = "7c9f8d6b5"): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      labels: {
        [appLabel]: tier,
        "app.kubernetes.io/part-of": "web-shop",
        "pod-template-hash": templateHash,
      },
    },
    spec: {
      automountServiceAccountToken: false,
      containers: [
        {
          name: tier,
          image: `registry.example/web-shop/${tier}:1.0`,
          ports: [
            { name: "http", containerPort: 8080 },
            { name: "metrics", containerPort: 9090 },
          ],
          env: [
            { name: "LOG_LEVEL", value: "info" },
            { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          ],
          resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
          readinessProbe: { httpGet: { path: "/ready", port: "http" } },
        },
      ],
    },
  };
}

/** Like a pod-template-hash: short, different for each Deployment. */
function hash(namespace: string, tier: string): string {
  let value = 5381;
  for (const character of `${namespace}/${tier}`) value = (value * 33 + character.charCodeAt(0)) >>> 0;
  return value.toString(36).padStart(7, "0");
}
