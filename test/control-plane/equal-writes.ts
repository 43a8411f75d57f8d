import type { AuditEvent } from "./audit-log.ts";

/**
 * Successful writes after which the object is the same as it was before: the API server answers them with the version that
 * stood already. `events` are those of NetworkPolicies, in the order of their answers, of all users.
 */
export function equalWrites(events: readonly AuditEvent[], username: string): readonly AuditEvent[] {
  const versions = new Set<string>();
  return events.filter((event) => {
    const { uid, resourceVersion } = event.responseObject?.metadata ?? {};
    if (!isWritten(event) || uid === undefined || resourceVersion === undefined) return false;
    const version = `${uid} ${resourceVersion}`;
    const stood = versions.has(version);
    versions.add(version);
    return stood && event.user.username === username;
  });
}

/** Every version is answered by the write that made it; a dry run makes none. */
function isWritten({ verb, requestURI, responseStatus, objectRef }: AuditEvent): boolean {
  return (
    ["create", "update", "patch"].includes(verb) &&
    objectRef?.resource === "networkpolicies" &&
    (responseStatus?.code ?? 500) < 300 &&
    !new URL(requestURI, "https://api").searchParams.has("dryRun")
  );
}
