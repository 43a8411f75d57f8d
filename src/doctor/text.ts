import type { Evidence } from "../network/evidence.ts";

/** The lines of a titled list, an empty line before it; none where it is empty. */
export function section(title: string, entries: readonly string[]): readonly string[] {
  return entries.length === 0 ? [] : ["", `${title}:`, ...entries.map((entry) => `- ${entry}`)];
}

/** The list of what a verdict stands on. */
export function evidenceSection(evidence: readonly Evidence[]): readonly string[] {
  return section(
    "Evidence",
    evidence.map(({ object, field, says }) => `${object}, ${field}: ${says}`),
  );
}

/** What a report prints. */
export function textOfLines(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
