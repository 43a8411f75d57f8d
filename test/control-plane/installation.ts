import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ApiClient } from "./api-client.ts";
import type { Kubectl } from "./kubectl.ts";

/** The folder that users install from. */
const kustomizeDirectory = join(import.meta.dirname, "../../deploy/kustomize");

/** Any object, as far as the harness looks into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The objects of deploy/kustomize as kustomize prints them. */
export async function renderInstallation(kubectl: Kubectl): Promise<Manifest[]> {
  const { code, stdout, stderr } = await kubectl(["kustomize", kustomizeDirectory]);
  if (code !== 0) throw new Error(`kubectl kustomize ${kustomizeDirectory} failed: ${stderr}`);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

/** Kinds of the installation that a control plane without nodes can hold and Ringfence outside it needs. */
const accountKinds = [
  "Namespace",
  "ServiceAccount",
  "ClusterRole",
  "ClusterRoleBinding",
  "Role",
  "RoleBinding",
];

/** Creates Ringfence's namespace, account and permissions, and returns a real token of the account, valid a day. */
export async function installAccount(admin: ApiClient, manifests: readonly Manifest[]): Promise<string> {
  for (const manifest of manifests.filter(({ kind }) => accountKinds.includes(kind))) {
    await create(admin, manifest);
  }
  const account = manifests.find(({ kind }) => kind === "ServiceAccount");
  if (account === undefined) throw new Error("deploy/kustomize holds no ServiceAccount");
  const { name, namespace = "default" } = account.metadata;
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 86_400 },
  };
  const answer = await admin.expect("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    body: request,
  });
  return (answer as { status: { token: string } }).status.token;
}

const collections: Readonly<Record<string, string>> = {
  Namespace: "/api/v1/namespaces",
  ServiceAccount: "/api/v1/namespaces/{namespace}/serviceaccounts",
  Role: "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles",
  RoleBinding: "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  ValidatingWebhookConfiguration: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  MutatingWebhookConfiguration: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
};

/** The URL path under which objects of this kind are created. Throws for a kind that the harness does not make. */
export function collectionOf(manifest: Manifest): string {
  const path = Object.hasOwn(collections, manifest.kind) ? collections[manifest.kind] : undefined;
  if (path === undefined) throw new Error(`the harness does not know where a ${manifest.kind} is created`);
  return path.replace("{namespace}", manifest.metadata.namespace ?? "default");
}

/** Creates one object; rejects with the API server's message. */
export async function create(client: ApiClient, manifest: Manifest): Promise<void> {
  await client.expect("POST", collectionOf(manifest), { body: manifest });
}
