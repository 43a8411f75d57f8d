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
  const mayPatch = verdict.allowed && webhook === "mutate" && request.operation !== "DELETE";
  return (
    `${head}{"uid":${JSON.stringify(request.uid)},"allowed":${String(verdict.allowed)}` +
    (verdict.allowed ? "" : status(verdict)) +
    warnings(verdict) +
    auditAnnotations(verdict) +
    (mayPatch ? patch(verdict) : "") +
    "}}"
  );
}

/** A further field of the response. Fields are written one by one: all as one object take twice as long. */
function field<Name extends keyof AdmissionResponse>(name: Name, value: AdmissionResponse[Name]): string {
  return `,"${name}":${JSON.stringify(value)}`;
}

function status(verdict: Verdict): string {
  const message = boundedMessage(
    verdict.message ?? "denied without a finding; the audit annotations say more",
  );
  return `,"status":{"code":403,"reason":"Forbidden","message":${JSON.stringify(message)}}`;
}

function warnings(verdict: Verdict): string {
  const bounded = boundedWarnings(verdict.warnings);
  return bounded.length === 0 ? "" : field("warnings", bounded);
}

function auditAnnotations(verdict: Verdict): string {
  const bounded = boundedAnnotations(verdict.auditAnnotations);
  return hasAny(bounded) ? field("auditAnnotations", bounded) : "";
}

/** Both fields or none; an empty patch is none. */
function patch(verdict: Verdict): string {
  if (verdict.patch === undefined || verdict.patch.length === 0) return "";
  const text = Buffer.from(JSON.stringify(verdict.patch)).toString("base64");
  return field("patch", text) + field("patchType", "JSONPatch");
}

function hasAny(record: Readonly<Record<string, string>>): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return true;
  return false;
}
