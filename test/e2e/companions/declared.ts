// A namespace that declares an intent: applied by a tenant, and what then stands and who reaches whom. Tests hold the text
// of it as a golden file, the demo shows it.

import type { End } from "#src/network/connection.ts";
import type { ControlPlaneConnection } from "../../control-plane/connection.ts";
import { liveEnds } from "../../control-plane/live-ends.ts";
import { createRunningPod } from "../../control-plane/pods.ts";
import { policyNames } from "../../control-plane/stored-policies.ts";
import { until } from "../../control-plane/wait.ts";
import { reachText, type ReachPort } from "../../support/reach.ts";
import { transcript, type Typed } from "../../support/transcript.ts";

/** The folder of the manifests. */
export const manifests = import.meta.dirname;

/** The scenarios, by name of the golden file. */
export const declarations = {
  "c01-namespace-isolation": {
    file: "c01-namespace-isolation.yaml",
    namespace: "isolated",
    pods: ["web", "worker"],
    subnet: 11,
    companions: 4,
  },
  "c03-three-tiers": {
    file: "c03-three-tiers.yaml",
    namespace: "three-tiers",
    pods: ["frontend", "backend", "postgres"],
    subnet: 12,
    companions: 7,
  },
  "c06-load-balancer": {
    file: "c06-load-balancer.yaml",
    namespace: "behind-load-balancer",
    pods: ["web", "worker"],
    subnet: 13,
    companions: 2,
  },
  "c07-monitoring": {
    file: "c07-monitoring.yaml",
    namespace: "monitored",
    pods: ["web", "worker"],
    subnet: 14,
    companions: 2,
  },
} as const satisfies Record<string, Declaration>;

/** Whom the intents of these namespaces mean. */
export const configuration = `apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
defaults:
  enforce: privileged
operators:
  groups: [platform, system:masters]
ingressControllers:
  - namespace: ingress-nginx
    pods: { app: controller }
intents:
  prometheus:
    - namespace: monitoring
      pods: { app: prometheus }
`;

/** Where pods run that are not of the namespace in question. */
const neighbours = {
  "ingress-nginx": "controller",
  monitoring: "prometheus",
  "sys-postgres": "postgres",
} as const;

export interface Declaration {
  /** The manifest, and the namespace that it makes. */
  readonly file: string;
  readonly namespace: string;
  /** Pods that run there, by name and label `app`; each listens on 8080 as http and 9090 as metrics. */
  readonly pods: readonly string[];
  /** The third number of their addresses, which no other namespace has. */
  readonly subnet: number;
  /** The companions that are awaited. */
  readonly companions: number;
}

/** What was typed and seen, and who reaches whom. */
export interface Played {
  readonly applied: Typed;
  readonly listed: Typed;
  readonly ends: ReadonlyMap<string, End>;
  readonly reach: string;
}

const ports: readonly ReachPort[] = [
  { protocol: "TCP", port: 8080 },
  { protocol: "TCP", port: 9090 },
  { protocol: "TCP", port: 5432 },
  { protocol: "UDP", port: 53 },
];

/** Makes the namespaces of the ingress controllers, Prometheus and the databases, with a pod in each. */
export async function makeNeighbours({ api }: Pick<ControlPlaneConnection, "api">): Promise<void> {
  for (const [index, [namespace, app]] of Object.entries(neighbours).entries()) {
    await api.admin.expect("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
    await createRunningPod(api.admin, { namespace, name: app, labels: { app }, ip: `10.244.9.${index + 1}` });
  }
}

/** Applies the manifest as the tenant, waits for the companions, and looks. */
export async function declare(
  { api, kubectl }: Pick<ControlPlaneConnection, "api" | "kubectl">,
  { file, namespace, pods, subnet, companions }: Declaration,
): Promise<Played> {
  const typed = async (...args: string[]): Promise<Typed> => {
    const result = await kubectl(args, { as: "tenant", cwd: manifests });
    return { ...result, command: ["kubectl", ...args].join(" ") };
  };
  const applied = await typed("apply", "-f", file);
  for (const [index, name] of pods.entries()) {
    await createRunningPod(api.admin, {
      namespace,
      name,
      labels: { app: name },
      ip: `10.244.${subnet}.${index + 1}`,
      ports: [
        { name: "http", containerPort: 8080 },
        { name: "metrics", containerPort: 9090 },
      ],
    });
  }
  await until(`${companions} companions in ${namespace}`, async () => {
    return (await policyNames(api.admin, namespace)).length >= companions;
  });
  const listed = await typed("-n", namespace, "get", "networkpolicies", "-o", "name");
  const all = await liveEnds(api.admin, [namespace, ...Object.keys(neighbours), "kube-system"], {
    "load balancer": "203.0.113.7",
    internet: "8.8.8.8",
  });
  const ends = new Map(
    [...all].map(([name, end]) => [name.replace(/^(kube-system)\/coredns-.*/, "$1/kube-dns"), end]),
  );
  const told = (from: string, to: string): boolean =>
    from.startsWith(`${namespace}/`) || to.startsWith(`${namespace}/`);
  return { applied, listed, ends, reach: reachText(ends, { ports, told }) };
}

/** All of it as a golden file holds it. */
export function playedText({ applied, listed, reach }: Played): string {
  return `${transcript(applied, listed)}\n${reach}`;
}
