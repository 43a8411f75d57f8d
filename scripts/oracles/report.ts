import { explanations } from "../../test/oracles/compare.ts";
import type { Difference, Result, SourceResult } from "../../test/oracles/compare.ts";

/** Differences that nothing explains. */
export function unexplained(results: readonly SourceResult[]): readonly Difference[] {
  return results.flatMap(({ total }) => total.differences.filter(isUnexplained));
}

/** Explanations that explain no difference: what they speak of is gone. */
export function idle(results: readonly SourceResult[]): readonly string[] {
  const used = new Set(
    results.flatMap(({ total }) => total.differences.map(({ explanation }) => explanation)),
  );
  return explanations.filter((explanation) => !used.has(explanation)).map(({ id }) => id);
}

/** What is printed of one source; with `all`, each explained difference too. */
export function sourceText({ source, groups, total }: SourceResult, all: boolean): string {
  const rows = [...groups, ...(groups.size > 1 ? [["in all", total] as const] : [])];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `${source.id}: ${source.source} (expected by ${source.states})`,
    ...rows.map(([name, result]) => `  ${name.padEnd(width)}  ${resultText(result)}`),
    ...total.differences
      .filter((difference) => all || isUnexplained(difference))
      .map((difference) => `  ${differenceText(difference)}`),
    "",
  ].join("\n");
}

function resultText({ cases, steps, stated, unstated, differences }: Result): string {
  const differing = differences.filter(isUnexplained).length;
  return [
    plural(cases, "case"),
    plural(steps, "step"),
    `${plural(stated.cells, "cell")} stated: ${stated.agreeing} agree, ${differing} differ, ${differences.length - differing} differ as explained`,
    ...(unstated.cells > 0 ? [`${unstated.cells} not stated: ${unstated.agreeing} agree`] : []),
  ].join(", ");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** One line: where, and what each of the three says. */
export function differenceText(cell: Difference): string {
  const { oracle, step, port, from, to, stated, naive, product, explanation } = cell;
  const head = explanation === undefined ? "DIFFERS" : `differs (${explanation.id})`;
  const says = `source ${verdict(stated, "nothing")}, naive ${verdict(naive)}, Ringfence ${verdict(product)}`;
  return `${head}: ${oracle.id}, step ${step}, ${from} to ${to} on ${port}: ${says} [${oracle.from}]`;
}

function verdict(allowed: boolean | undefined, unknown = "unknown"): string {
  return allowed === undefined ? unknown : allowed ? "allowed" : "denied";
}

function isUnexplained({ explanation }: Difference): boolean {
  return explanation === undefined;
}
