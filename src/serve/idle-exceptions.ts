import { hasExpired } from "../engine/exceptions.ts";
import type { NamespaceDirectory } from "../model/cluster-view.ts";
import type { Settings } from "../model/settings.ts";

/** The configured exceptions that silence nothing now, each in a line with the reason: expired, or mistyped perhaps. */
export function idleExceptions(
  { exceptions }: Pick<Settings, "exceptions">,
  namespaces: Pick<NamespaceDirectory, "get"> | undefined,
  now: Date,
): readonly string[] {
  return exceptions.flatMap((exception, index) => {
    const { rule, namespace, policies, until = "" } = exception;
    const problems: string[] = [];
    if (hasExpired(exception, now)) problems.push(`it was valid until ${until}`);
    if (namespaces !== undefined && namespaces.get(namespace) === undefined)
      problems.push(`there is no namespace ${namespace}`);
    if (problems.length === 0) return [];
    return [`exceptions[${index}] (${rule} for ${namespace}/${policies}): ${problems.join(", and ")}`];
  });
}

export interface IdleExceptions {
  /** Reports what was not reported yet. */
  look(): void;
  /** Other settings are in force: everything is reported anew. */
  reset(): void;
}

/** Tells of each line of `idleExceptions` once. */
export function idleExceptionsTold(
  lines: () => readonly string[],
  report: (line: string) => void,
): IdleExceptions {
  const told = new Set<string>();
  const look = (): void => {
    for (const line of lines()) {
      if (told.has(line)) continue;
      told.add(line);
      report(line);
    }
  };
  return {
    look,
    reset: () => {
      told.clear();
      look();
    },
  };
}
