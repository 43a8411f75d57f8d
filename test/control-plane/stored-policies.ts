import type { ApiClient } from "./api-client.ts";

/** A NetworkPolicy as the API server has it. */
export interface StoredPolicy {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly spec: object;
}

/** Where the policies of a namespace are, in the API. */
export function policiesPath(namespace: string): string {
  return `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
}

/** The policies of a namespace; `query` is such as `?labelSelector=…`. */
export async function storedPolicies(
  admin: ApiClient,
  namespace: string,
  query = "",
): Promise<readonly StoredPolicy[]> {
  const { items } = (await admin.expect("GET", `${policiesPath(namespace)}${query}`)) as {
    readonly items: readonly StoredPolicy[];
  };
  return items;
}

/** Their names, in order. */
export async function policyNames(admin: ApiClient, namespace: string): Promise<readonly string[]> {
  return (await storedPolicies(admin, namespace)).map(({ metadata }) => metadata.name).sort();
}
