import type { NamespaceFacts } from "../model/cluster-view.ts";
import { effectiveModes } from "../model/modes.ts";
import type { Settings } from "../model/settings.ts";

export interface UnreadableModes {
  /** Takes a Namespace as it is now; undefined: it is gone. */
  changed(name: string, facts: NamespaceFacts | undefined): void;
  /** Namespaces whose mode labels cannot be read now. */
  count(): number;
}

/**
 * Keeps track of namespaces whose mode labels cannot be read. They are judged as restricted; that is told once for each
 * change of the labels, because nobody asked for it.
 */
export function unreadableModes(
  settings: () => Settings,
  report: (namespace: string, labels: readonly string[]) => void,
): UnreadableModes {
  const standing = new Map<string, string>();
  return {
    changed(name, facts) {
      const unreadable = facts === undefined ? [] : effectiveModes(facts.labels, settings()).unreadable;
      const text = unreadable.map((label) => `${label}=${facts?.labels.get(label) ?? ""}`).join(",");
      if (text === "") standing.delete(name);
      else if (standing.get(name) !== text) {
        standing.set(name, text);
        report(name, unreadable);
      }
    },
    count: () => standing.size,
  };
}
