import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { includesUser } from "../model/principals.ts";

/**
 * Whether configuration exempts this request: by user, group or namespace *name*. The name is what the API server
 * routes by; no label has any effect, so nobody can label themselves out (kubernetes.io/metadata.name equals it).
 */
export function isExempt(subject: Subject, settings: Settings): boolean {
  return (
    settings.exemptions.namespaces.has(subject.namespace) || includesUser(settings.exemptions, subject.user)
  );
}
