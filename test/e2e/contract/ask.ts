import { randomUUID } from "node:crypto";
import { request } from "node:https";
import type { JsonPatchOperation } from "#src/wire/json-patch.ts";
import type { RingfenceConnection } from "../../control-plane/ringfence.ts";

/** What of a review a test sets; the rest is as kube-apiserver sends it for a NetworkPolicy of the tenant. */
export interface Asked {
  readonly namespace: string;
  readonly operation?: "CREATE" | "UPDATE" | "DELETE";
  readonly name?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly dryRun?: boolean;
  /** Further fields of the request, over all others. */
  readonly request?: Readonly<Record<string, unknown>>;
}

/** The response of an AdmissionReview; `patch` is decoded. */
export interface Answered {
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly patch?: readonly JsonPatchOperation[];
}

const resource = { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" };
const kind = { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" };

/** Sends a review straight to Ringfence's port, as kube-apiserver would; rejects where the answer is no review. */
export async function ask(
  ringfence: RingfenceConnection,
  path: "/validate" | "/mutate",
  asked: Asked,
): Promise<Answered> {
  const uid = randomUUID();
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: asked.name ?? "p",
      namespace: asked.namespace,
      operation: asked.operation ?? "CREATE",
      userInfo: { username: "tom", groups: ["devs", "system:authenticated"] },
      object: asked.object ?? null,
      oldObject: asked.oldObject ?? null,
      dryRun: asked.dryRun ?? false,
      options: null,
      ...asked.request,
    },
  };
  const text = await post(ringfence, path, JSON.stringify(review));
  const { response } = JSON.parse(text) as {
    readonly response: Omit<Answered, "patch"> & { readonly uid: string; readonly patch?: string };
  };
  const { patch, uid: echoed, ...rest } = response;
  if (echoed !== uid) throw new Error(`answered ${echoed}, asked ${uid}`);
  return patch === undefined
    ? rest
    : { ...rest, patch: JSON.parse(Buffer.from(patch, "base64").toString()) as JsonPatchOperation[] };
}

async function post({ address }: RingfenceConnection, path: string, body: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(`${address.url}${path}?timeout=3s`, {
      method: "POST",
      ca: address.authorityPem,
      headers: { "content-type": "application/json" },
      agent: false,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`HTTP ${response.statusCode ?? 0}: ${text}`));
      });
    });
    outgoing.end(body);
  });
}
