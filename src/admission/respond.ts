import type { Operation } from "../model/subject.ts";
import type { Verdict } from "../model/verdict.ts";
import type { AdmissionResponse } from "../wire/review.ts";
import { boundedAnnotations, boundedMessage, boundedWarnings } from "./limits.ts";

/** The two paths; `validate` never patches. */
export type Webhook = "validate" | "mutate";

const head = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":';

/** The request that is answered. */
export interface Answered {
  readonly uid: string;
  readonly operation: Operation;
}

/**
 * The AdmissionReview for a verdict, as JSON text. A denial is HTTP 200 with status 403 and reason Forbidden, without
 * details: kubectl then prints the message as it is (with reason Invalid or with details it would not). A patch is
 * only put into the answer of `/mutate` to a CREATE or UPDATE: anywhere else it would fail the request, even under
 * failurePolicy Ignore (apiserver webhook/request/admissionreview.go, mutating/dispatcher.go).
 */
export function respond(request: Answered, verdict: Verdict, webhook: Webhook): string {
  const plain =
    verdict.allowed &&
    verdict.patch === undefined &&
    verdict.warnings.length === 0 &&
    !hasAny(verdict.auditAnnotations);
  if (plain) return `${head}{"uid":${JSON.stringify(request.uid)},"allowed":true}}`;
  const response: AdmissionResponse = verdict.allowed
    ? allowed(request, verdict, webhook)
    : denied(request, verdict);
  return `${head}${JSON.stringify(response)}}`;
}

function allowed(request: Answered, verdict: Verdict, webhook: Webhook): AdmissionResponse {
  return {
    uid: request.uid,
    allowed: true,
    ...extras(verdict),
    ...(webhook === "mutate" && request.operation !== "DELETE" ? patched(verdict) : undefined),
  };
}

function denied(request: Answered, verdict: Verdict): AdmissionResponse {
  const message = boundedMessage(
    verdict.message ?? "denied without a finding; the audit annotations say more",
  );
  return {
    uid: request.uid,
    allowed: false,
    status: { code: 403, reason: "Forbidden", message },
    ...extras(verdict),
  };
}

/** Both fields or none; an empty patch is none. */
function patched(verdict: Verdict): Pick<AdmissionResponse, "patch" | "patchType"> {
  if (verdict.patch === undefined || verdict.patch.length === 0) return {};
  return { patch: Buffer.from(JSON.stringify(verdict.patch)).toString("base64"), patchType: "JSONPatch" };
}

function extras(verdict: Verdict): Pick<AdmissionResponse, "warnings" | "auditAnnotations"> {
  const warnings = boundedWarnings(verdict.warnings);
  const auditAnnotations = boundedAnnotations(verdict.auditAnnotations);
  return {
    ...(warnings.length > 0 ? { warnings } : undefined),
    ...(hasAny(auditAnnotations) ? { auditAnnotations } : undefined),
  };
}

function hasAny(record: Readonly<Record<string, string>>): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return true;
  return false;
}
