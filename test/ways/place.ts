import { messageOf, type ApiRequest, type ApiResponse } from "../control-plane/api-client.ts";
import type { ControlPlaneConnection } from "../control-plane/connection.ts";
import { until } from "../control-plane/wait.ts";
import { deployments, tiers, type Policy, type PolicySet } from "./sets.ts";

/** A namespace in which one way of applying is played, by a tenant, and a folder for its files. */
export interface Place {
  readonly controlPlane: ControlPlaneConnection;
  readonly namespace: string;
  readonly directory: string;
}

/** One object that a tool writes: its URL path without the name, and itself. */
export interface Target {
  readonly collection: string;
  readonly object: {
    readonly kind: string;
    readonly metadata: { readonly name: string };
  };
}

export const policiesPath = (namespace: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;

const deploymentsPath = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments`;

/** The policies of a set, as the tool writes them. */
export function policyTargets({ namespace }: Place, set: PolicySet): Target[] {
  return set.map((object) => ({ collection: policiesPath(namespace), object }));
}

/** The Deployments whose pods the sets are about. */
export function deploymentTargets({ namespace }: Place): Target[] {
  return deployments.map((object) => ({
    collection: deploymentsPath(namespace),
    object: object as Target["object"],
  }));
}

/** A request in the tenant's name. */
export async function send(
  { controlPlane }: Place,
  method: string,
  path: string,
  request?: ApiRequest,
): Promise<ApiResponse> {
  return await controlPlane.api.tenant.send(method, path, request);
}

/** Whether the answer is a success. Throws on one that no admission webhook gives: the way was played wrongly. */
export function succeeded({ status, body }: ApiResponse): boolean {
  if (status < 300) return true;
  if (status === 403) return false;
  throw new Error(`answered ${status}: ${messageOf(body)}`);
}

/** Makes the namespace, where it is not the tool's to make, and what stands in it before the way is played. */
export async function furnish(
  place: Place,
  labels: Readonly<Record<string, string>>,
  { before = [], workloads = false }: { readonly before?: PolicySet; readonly workloads?: boolean },
): Promise<void> {
  const { admin } = place.controlPlane.api;
  const { namespace } = place;
  const metadata = { name: namespace, labels };
  await admin.expect("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata },
  });
  if (workloads) await startPods(place);
  for (const body of before) await admin.expect("POST", policiesPath(namespace), { body });
}

/**
 * Makes the Deployments, and waits until Ringfence knows their pods: pending, for there is no kubelet, but with labels and
 * owners. Nothing lets DNS out yet, so a policy that isolates the egress of a tier is warned of on a dry run, by its pod.
 */
async function startPods({ controlPlane, namespace }: Place): Promise<void> {
  const { api, kubectl } = controlPlane;
  for (const body of deployments) await api.admin.expect("POST", deploymentsPath(namespace), { body });
  const probes = tiers.map((app) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `probe-${app}` },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: ["Egress"] },
  }));
  const stdin = probes.map((probe) => JSON.stringify(probe)).join("\n---\n");
  const args = ["-n", namespace, "create", "-f", "-", "--dry-run=server"];
  await until("a pod of each Deployment to be known", async () => {
    const { stderr } = await kubectl(args, { stdin });
    return tiers.every((app) => new RegExp(`\\b${app}-[0-9a-f]+-[0-9a-z]+\\b`).test(stderr));
  });
}

/** The policies that stand, by name; not those that are on their way out. */
export async function standing({ controlPlane, namespace }: Place): Promise<ReadonlyMap<string, Policy>> {
  const list = (await controlPlane.api.admin.expect("GET", policiesPath(namespace))) as {
    readonly items: readonly (Policy & { readonly metadata: { readonly deletionTimestamp?: string } })[];
  };
  const staying = list.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return new Map(staying.map((item) => [item.metadata.name, item]));
}
