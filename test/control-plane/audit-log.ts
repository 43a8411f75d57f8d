import { readFile } from "node:fs/promises";
import { until } from "./wait.ts";

/** The part of an audit.k8s.io/v1 Event that tests look at. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: {
    readonly username: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  readonly requestReceivedTimestamp: string;
  /** When the stage was reached: of these events, when the request was answered. */
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What was answered: the object as it is stored, of writes of NetworkPolicies alone. */
  readonly responseObject?: {
    readonly kind?: string;
    readonly metadata?: {
      readonly uid?: string;
      readonly resourceVersion?: string;
      readonly labels?: object;
      readonly annotations?: object;
      readonly finalizers?: readonly string[];
      readonly ownerReferences?: readonly object[];
    };
    readonly spec?: object;
  };
}

/** Every given field must be equal. */
export interface AuditFilter {
  readonly verb?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly username?: string;
}

/** What the API server wrote about the writes that it was asked for. */
export interface AuditLog {
  /** All events so far that match, in the order of their answers. */
  events(filter?: AuditFilter): Promise<AuditEvent[]>;
  /** The last event that matches, as soon as there is one; throws after `timeoutMs` (5 000). */
  event(filter: AuditFilter, timeoutMs?: number): Promise<AuditEvent>;
}

/**
 * The policy: metadata (who, what, answer and annotations) of every write but those of Leases and Events, once, when it
 * is answered, and of NetworkPolicies the object as well. Access and token reviews are questions in the form of a POST, and no writes.
 */
export const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    {
      level: "None",
      resources: [
        { group: "coordination.k8s.io" },
        { group: "authorization.k8s.io" },
        { group: "authentication.k8s.io" },
        { group: "events.k8s.io" },
        { group: "", resources: ["events"] },
      ],
    },
    {
      level: "RequestResponse",
      resources: [{ group: "networking.k8s.io", resources: ["networkpolicies"] }],
      verbs: ["create", "update", "patch", "delete"],
      omitManagedFields: true,
    },
    { level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "None" },
  ],
};

/** Reads the JSON lines that `kube-apiserver --audit-log-path` writes to `file`. */
export function auditLog(file: string): AuditLog {
  const events = async (filter: AuditFilter = {}): Promise<AuditEvent[]> => {
    const text = await readFile(file, "utf8");
    // The last line may be half written.
    const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    return lines
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter((event) => matches(event, filter));
  };
  const event = (filter: AuditFilter, timeoutMs = 5_000): Promise<AuditEvent> =>
    until(`an audit event for ${JSON.stringify(filter)}`, async () => (await events(filter)).at(-1), {
      timeoutMs,
    });
  return { events, event };
}

function matches(event: AuditEvent, filter: AuditFilter): boolean {
  const actual: AuditFilter = {
    verb: event.verb,
    username: event.user.username,
    ...pick(event.objectRef),
  };
  const keys = Object.keys(filter) as (keyof AuditFilter)[];
  return keys.every((key) => filter[key] === undefined || filter[key] === actual[key]);
}

function pick(ref: AuditEvent["objectRef"]): AuditFilter {
  return {
    ...(ref?.resource === undefined ? {} : { resource: ref.resource }),
    ...(ref?.namespace === undefined ? {} : { namespace: ref.namespace }),
    ...(ref?.name === undefined ? {} : { name: ref.name }),
  };
}
