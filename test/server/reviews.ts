// Reviews as kube-apiserver sends them (recorded shapes).
import type { Answer } from "./webhook.ts";

export const uid = "0df28fbd-5f5f-11e8-bc74-36e6bb280816";

/** A NetworkPolicy as it stands in a review: defaulted, with managedFields. */
export function policy(name = "api", extra: object = {}): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      name,
      namespace: "shop",
      uid: "a1b2",
      creationTimestamp: "2026-11-20T10:00:00Z",
      labels: { team: "shop" },
      managedFields: [
        { manager: "kubectl", operation: "Update", fieldsType: "FieldsV1", fieldsV1: { "f:spec": {} } },
      ],
    },
    spec: { podSelector: {}, policyTypes: ["Egress"] },
    ...extra,
  };
}

export function namespace(name = "shop", labels: object = { "kubernetes.io/metadata.name": name }): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, uid: "n1", labels }, spec: {}, status: {} };
}

const policyResource = { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" };
const policyKind = { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" };
const namespaceResource = { group: "", version: "v1", resource: "namespaces" };
const namespaceKind = { group: "", version: "v1", kind: "Namespace" };

/** A review of a policy's CREATE, with the request's fields replaced by those given. */
export function policyReview(request: object = {}): object {
  return review({
    kind: policyKind,
    resource: policyResource,
    requestKind: policyKind,
    requestResource: policyResource,
    name: "api",
    namespace: "shop",
    object: policy(),
    ...request,
  });
}

export function namespaceReview(request: object = {}): object {
  return review({
    kind: namespaceKind,
    resource: namespaceResource,
    requestKind: namespaceKind,
    requestResource: namespaceResource,
    name: "shop",
    namespace: "shop",
    object: namespace(),
    ...request,
  });
}

function review(request: object): object {
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid,
      operation: "CREATE",
      userInfo: { username: "jane", groups: ["devs", "system:authenticated"] },
      oldObject: null,
      dryRun: false,
      options: {
        kind: "CreateOptions",
        apiVersion: "meta.k8s.io/v1",
        fieldManager: "kubectl-client-side-apply",
      },
      ...request,
    },
  };
}

export interface Response {
  uid: string;
  allowed: boolean;
  status?: { code: number; reason: string; message: string };
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
  patch?: string;
  patchType?: string;
}

/** The `response` of a 200; throws where the answer is no AdmissionReview that the API server takes. */
export function responseOf(answer: Answer): Response {
  const review = JSON.parse(answer.text) as { apiVersion: string; kind: string; response: Response };
  const valid =
    answer.status === 200 && review.apiVersion === "admission.k8s.io/v1" && review.kind === "AdmissionReview";
  if (!valid) throw new Error(`no AdmissionReview: ${answer.status} ${answer.text}`);
  return review.response;
}
