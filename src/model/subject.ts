import type { CompiledPolicy } from "../network/policy.ts";
import type { Namespace } from "../wire/namespace.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

interface Request {
  /** The review's uid; it correlates logs. */
  readonly uid: string;
  readonly operation: Operation;
  /** Empty under generateName before the name is made. */
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** `status`, `finalize` …: never judged, and the objects are left out. */
  readonly subresource?: string;
}

/** A request for a NetworkPolicy. */
export interface PolicySubject extends Request {
  readonly kind: "NetworkPolicy";
  readonly namespace: string;
  /** The object that is judged: after the request, or before it where the engine compares; absent after a DELETE. */
  readonly object: NetworkPolicy | undefined;
  readonly oldObject: NetworkPolicy | undefined;
  /** `object`, compiled. */
  readonly compiled: CompiledPolicy | undefined;
  /**
   * The review, as it came; absent where the policy did not come as bytes. Who keeps the policy for a while keeps a copy
   * of this: parsed JSON that lives on is copied by the garbage collector again and again.
   */
  readonly body?: Buffer;
}

/** A request for a Namespace. */
export interface NamespaceSubject extends Request {
  readonly kind: "Namespace";
  readonly namespace: string;
  readonly object: Namespace | undefined;
  readonly oldObject: Namespace | undefined;
}

export type Subject = PolicySubject | NamespaceSubject;
export type SubjectKind = Subject["kind"];
export type SubjectOf<K extends SubjectKind> = Extract<Subject, { kind: K }>;
