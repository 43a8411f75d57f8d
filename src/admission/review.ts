import { RingfenceError } from "../errors.ts";
import type { NamespaceSubject, Operation, PolicySubject, Subject, User } from "../model/subject.ts";
import type { Namespace } from "../wire/namespace.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { readPlainRequest } from "./plain/review.ts";
import { isJsonObject, namespaceFault, policyFault, type Check, type Json } from "./shape.ts";

/** Compiles a policy as the cluster view does, so that both can be compared. */
export type CompilePolicy = (policy: NetworkPolicy) => NonNullable<PolicySubject["compiled"]>;

/** A UUID has 36 characters; what is far longer was not sent by an API server and would only fill logs. */
const longestUid = 256;

/**
 * Turns the bytes of an admission.k8s.io/v1 AdmissionReview into a subject. Throws RF_ERR_REVIEW (HTTP 400) where they
 * are none.
 *
 * - Judged is `resource`, the version that the webhook is registered for, whatever version the client used
 *   (`requestResource`; matchPolicy Equivalent converts before it sends).
 * - Fields that are not known are ignored: a newer API server may send more.
 * - DELETE: `object` is null and the name of a deletecollection empty; both come from `oldObject`.
 * - Duplicate keys: the last one counts (for objects too: Go would merge them, but no marshalled object holds any).
 *   Bytes that are no UTF-8 become U+FFFD, as Go's own decoder makes them. Both hold on every path alike.
 * - `__proto__` is an own property of what JSON.parse returns, so such a label key is a key like any other.
 * - A subresource (`/status`, `/finalize`) is named in the subject and its object left alone: it is never judged.
 */
export function parseReview(body: Buffer, compile: CompilePolicy): Subject {
  const { request, fault } = read(body);
  const uid = request["uid"];
  if (typeof uid !== "string" || uid === "") fail("request.uid is missing");
  if (uid.length > longestUid) fail(`request.uid is longer than ${longestUid} characters`);
  const operation = readOperation(request["operation"]);
  const subresource = optionalText(request, "subResource");
  const base = {
    uid,
    operation,
    user: readUser(request["userInfo"]),
    dryRun: request["dryRun"] === true,
    ...(subresource === "" ? undefined : { subresource }),
  };
  const resource = readResource(request["resource"]);
  if (resource === "networking.k8s.io/v1/networkpolicies") {
    return policySubject(request, base, { compile, fault, body });
  }
  if (resource === "/v1/namespaces") return namespaceSubject(request, base);
  fail(
    "request.resource is not judged here; register the webhook for networking.k8s.io/v1 networkpolicies and v1 namespaces only",
  );
}

/** The policy of a review that parseReview has read before, compiled. */
export function policyOfReview(body: Buffer, compile: CompilePolicy): ReturnType<CompilePolicy> {
  const { request, fault } = read(body);
  const { object } = request;
  // Vouched for once already; here it takes out what is null, as it did then.
  fault(object);
  return compile(object as NetworkPolicy);
}

type Base = Pick<Subject, "uid" | "operation" | "user" | "dryRun" | "subresource">;

function policySubject(
  request: Json,
  base: Base,
  { compile, fault, body }: { readonly compile: CompilePolicy; readonly fault: Check; readonly body: Buffer },
): PolicySubject {
  const { object, oldObject } = readObjects<NetworkPolicy>(request, base, fault);
  const meta = (object ?? oldObject)?.metadata;
  return {
    ...base,
    kind: "NetworkPolicy",
    name: optionalText(request, "name") || (meta?.name ?? ""),
    namespace: optionalText(request, "namespace") || (meta?.namespace ?? ""),
    object,
    oldObject,
    compiled: object === undefined ? undefined : compile(object),
    body,
  };
}

function namespaceSubject(request: Json, base: Base): NamespaceSubject {
  const { object, oldObject } = readObjects<Namespace>(request, base, namespaceFault);
  const name = optionalText(request, "name") || ((object ?? oldObject)?.metadata.name ?? "");
  return { ...base, kind: "Namespace", name, namespace: name, object, oldObject };
}

/** The request, with the check that its policies still need: what was read as nothing but a policy needs none. */
function read(body: Buffer): { request: Json; fault: Check } {
  const plain = readPlainRequest(body);
  if (plain !== undefined) return { request: plain, fault: noFault };
  return { request: readRequest(body), fault: policyFault };
}

const noFault: Check = () => undefined;

function readRequest(body: Buffer): Json {
  let review: unknown;
  try {
    review = JSON.parse(body.toString("utf8"));
  } catch {
    // The parser's own message quotes the body.
    fail("the body is not JSON");
  }
  if (!isJsonObject(review) || review["kind"] !== "AdmissionReview") fail("the body is no AdmissionReview");
  if (review["apiVersion"] !== "admission.k8s.io/v1") {
    fail('apiVersion is not admission.k8s.io/v1; register the webhook with admissionReviewVersions: ["v1"]');
  }
  const request = review["request"];
  if (!isJsonObject(request)) fail("request is missing");
  return request;
}

function readOperation(value: unknown): Operation {
  if (value === "CREATE" || value === "UPDATE" || value === "DELETE") return value;
  fail("request.operation is not CREATE, UPDATE or DELETE");
}

/** `group/version/resource`; the core group is empty. */
function readResource(value: unknown): string {
  if (!isJsonObject(value)) fail("request.resource is missing");
  return `${optionalText(value, "group")}/${optionalText(value, "version")}/${optionalText(value, "resource")}`;
}

function readUser(value: unknown): User {
  if (!isJsonObject(value)) return { name: "", groups: [] };
  const groups: unknown = value["groups"];
  return {
    name: optionalText(value, "username"),
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [],
  };
}

/** `fault` vouches for T. */
function readObjects<T>(
  request: Json,
  base: Base,
  fault: Check,
): { object: T | undefined; oldObject: T | undefined } {
  // What a subresource carries need not be of the resource's kind (Scale, Eviction).
  if (base.subresource !== undefined) return { object: undefined, oldObject: undefined };
  const read = (field: "object" | "oldObject"): T | undefined => {
    const value = request[field];
    if (value === undefined || value === null) return undefined;
    const found = fault(value);
    if (found !== undefined) fail(`request.${field}${found}`);
    return value as T;
  };
  const object = base.operation === "DELETE" ? undefined : read("object");
  const oldObject = base.operation === "CREATE" ? undefined : read("oldObject");
  if (base.operation !== "DELETE" && object === undefined) fail("request.object is missing");
  if (base.operation === "DELETE" && oldObject === undefined) fail("request.oldObject is missing");
  return { object, oldObject };
}

function optionalText(from: Json, name: string): string {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  return typeof value === "string" ? value : "";
}

function fail(what: string): never {
  throw new RingfenceError("RF_ERR_REVIEW", `this is no admission review that can be answered: ${what}`);
}
