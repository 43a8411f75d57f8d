import type { AuditEvent } from "../control-plane/audit-log.ts";
import { policiesPath, type Place } from "./place.ts";

const denial = /denied the request: NetworkPolicy \S+?\/(\S+) breaks/;
const marker = "end-of-the-way";

/**
 * What Ringfence refused in the namespace, as the API server's audit log has it: `create default-deny: missing-dns-egress`,
 * in the order of the answers. Some tools do not print what they were told.
 */
export async function refusals({ controlPlane, namespace }: Place): Promise<string[]> {
  // Everything that was answered before it stands in the log before it.
  const { status } = await controlPlane.api.admin.send("POST", `${policiesPath(namespace)}?dryRun=All`, {
    body: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: marker },
      spec: { podSelector: { matchLabels: { app: marker } }, policyTypes: ["Ingress"] },
    },
  });
  // A namespace that is gone, or going, has no marker; then all was answered long ago.
  if (status < 300) await controlPlane.audit.event({ namespace, name: marker, verb: "create" });
  const events = await controlPlane.audit.events({ namespace, resource: "networkpolicies" });
  return events.flatMap(refusalOf);
}

function refusalOf({ verb, requestURI, responseStatus }: AuditEvent): string[] {
  const { code = 0, message = "" } = responseStatus ?? {};
  const name = denial.exec(message)?.[1];
  if (code !== 403 || name === undefined) return [];
  const rules = new Set([...message.matchAll(/^- ([a-z-]+)(?: at |: )/gm)].map(([, rule = ""]) => rule));
  const dryRun = requestURI.includes("dryRun=All") ? " (dry run)" : "";
  return [`${verb} ${name}${dryRun}: ${[...rules].join(", ")}`];
}
