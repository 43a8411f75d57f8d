import type { ApiClient } from "../../control-plane/api-client.ts";
import { until } from "../../control-plane/wait.ts";

/** A kind of another maker's, as far as its name and scope go: a schema of our own that takes anything. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
}

export const cilium: CustomKind = {
  group: "cilium.io",
  version: "v2",
  kind: "CiliumNetworkPolicy",
  plural: "ciliumnetworkpolicies",
  scope: "Namespaced",
};

export const clusterWide: CustomKind = {
  group: "policy.networking.k8s.io",
  version: "v1alpha2",
  kind: "ClusterNetworkPolicy",
  plural: "clusternetworkpolicies",
  scope: "Cluster",
};

/** No policy: what an agent writes for each pod. */
export const endpoint: CustomKind = {
  group: "cilium.io",
  version: "v2",
  kind: "CiliumEndpoint",
  plural: "ciliumendpoints",
  scope: "Namespaced",
};

export const antrea: CustomKind = {
  group: "crd.antrea.io",
  version: "v1beta1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  scope: "Namespaced",
};

/** The CustomResourceDefinition, for kubectl or the API. */
export function definition({ group, version, kind, plural, scope }: CustomKind): object {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      // Groups of Kubernetes' own ask for it.
      annotations: { "api-approved.kubernetes.io": "unapproved, for tests" },
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

/** One object of the kind. */
export function objectOf({ group, version, kind }: CustomKind, name: string): object {
  return { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec: { description: "anything" } };
}

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Where objects of the kind are. */
export function pathOf({ group, version, plural }: CustomKind, namespace?: string): string {
  const within = namespace === undefined ? "" : `namespaces/${namespace}/`;
  return `/apis/${group}/${version}/${within}${plural}`;
}

/** Makes the kind, by the API; resolves when objects of it can be made. */
export async function install(api: ApiClient, kind: CustomKind): Promise<void> {
  await api.expect("POST", definitions, { body: definition(kind) });
  await until(
    `${kind.plural} to be served`,
    async () => (await api.send("GET", pathOf(kind))).status === 200,
  );
}

/** Deletes the kind with all of its objects; resolves when it is gone. */
export async function uninstall(api: ApiClient, kind: CustomKind): Promise<void> {
  const path = `${definitions}/${kind.plural}.${kind.group}`;
  await api.send("DELETE", path);
  await until(`${kind.plural} to be gone`, async () => (await api.send("GET", path)).status === 404);
}
