import type { AuditEvent } from "./audit-log.ts";

/**
 * Successful writes after which the object says the same as before it: spec, labels, annotations, finalizers and owners. The
 * version tells nothing: an apply that states an empty list gets a new one each time, though nothing changes
 * (kube-apiserver 1.36). `events` are those of NetworkPolicies of all users, in any order.
 */
export function equalWrites(events: readonly AuditEvent[], username: string): readonly AuditEvent[] {
  const said = new Map<string, string>();
  return events
    .filter(isWritten)
    .sort((a, b) => versionOf(a) - versionOf(b))
    .filter((event) => {
      const uid = event.responseObject?.metadata?.uid ?? "";
      const before = said.get(uid);
      const now = contentOf(event.responseObject ?? {});
      said.set(uid, now);
      return before === now && event.user.username === username;
    });
}

/** Every version is answered by the write that made it; a dry run makes none. */
function isWritten({ verb, requestURI, responseStatus, objectRef, responseObject }: AuditEvent): boolean {
  return (
    ["create", "update", "patch"].includes(verb) &&
    objectRef?.resource === "networkpolicies" &&
    responseObject?.metadata?.uid !== undefined &&
    (responseStatus?.code ?? 500) < 300 &&
    !new URL(requestURI, "https://api").searchParams.has("dryRun")
  );
}

function versionOf({ responseObject }: AuditEvent): number {
  return Number(responseObject?.metadata?.resourceVersion ?? 0);
}

function contentOf({ metadata = {}, spec }: NonNullable<AuditEvent["responseObject"]>): string {
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  return JSON.stringify([labels, annotations, finalizers, ownerReferences, spec], sorted);
}

/** Keys in one order; empty lists as if they were not there. */
function sorted(_key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : (value as unknown[]);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
