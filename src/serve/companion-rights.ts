import type { KubernetesWriter } from "../kubernetes/writer.ts";

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace?: string;
}

/** Without these nothing is written. */
const needed: readonly Right[] = ["create", "patch", "update", "delete"].map((verb) => ({
  group: "networking.k8s.io",
  resource: "networkpolicies",
  verb,
}));

/** Without these it is only told in log and metrics. */
const wished: readonly Right[] = ["create", "patch"].map((verb) => ({
  group: "events.k8s.io",
  resource: "events",
  verb,
  namespace: "default",
}));

/** The rights that the account lacks, as `kubectl auth can-i` takes them: `create networkpolicies.networking.k8s.io`. */
export interface MissingRights {
  readonly needed: readonly string[];
  readonly wished: readonly string[];
}

/** Asks the API server what this account may do (SelfSubjectAccessReview). Throws as the writer does. */
export async function missingRights(
  writer: Pick<KubernetesWriter, "send">,
  signal: AbortSignal,
): Promise<MissingRights> {
  const missing = async (rights: readonly Right[]): Promise<readonly string[]> => {
    const allowed = await Promise.all(rights.map((right) => isAllowed(writer, right, signal)));
    return rights
      .filter((_, index) => allowed[index] !== true)
      .map(({ verb, resource, group }) => `${verb} ${resource}.${group}`);
  };
  return { needed: await missing(needed), wished: await missing(wished) };
}

async function isAllowed(
  writer: Pick<KubernetesWriter, "send">,
  resourceAttributes: Right,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = (await writer.send(
    {
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes },
      },
    },
    signal,
  )) as { readonly status?: { readonly allowed?: boolean } };
  return answer.status?.allowed === true;
}
