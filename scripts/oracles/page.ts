import { explanations } from "../../test/oracles/compare.ts";
import type { SourceResult } from "../../test/oracles/compare.ts";
import { code, table } from "../docs/markdown.ts";
import { differenceText, unexplained } from "./report.ts";

/** What ends the generated part of docs/reference/oracles.md; below it people write. */
const marker = "<!-- Above: written by `npm run oracles -- --write`. Below: written by hand. -->";

/** docs/reference/oracles.md with its generated head brought up to date; what stands below the marker is kept. */
export function oraclesPage(results: readonly SourceResult[], standing: string | undefined): string {
  const at = standing?.indexOf(marker) ?? -1;
  const byHand = at < 0 ? "\n" : (standing ?? "").slice(at + marker.length);
  return `${head(results)}${marker}${byHand}`;
}

function head(results: readonly SourceResult[]): string {
  return [
    "# Oracles",
    "",
    "Whether Ringfence's evaluator (`src/network`) says of every connection what others say of it: published cases, rebuilt",
    "as data of our own in `test/oracles`. `npm run oracles` compares them cell by cell and exits 1 on a difference that",
    "nothing explains; `npm test` does the same. A cell is one connection after one step of a case: from one pod (or an",
    "address outside) to another, on one port and protocol. Each is asked of Ringfence and of a second, naive evaluator",
    "(`test/network/naive`, written from the API's text alone); where the source states it, all three must say the same.",
    "",
    "## Sources",
    "",
    table(
      ["source", "read from", "who states what is expected"],
      results.map(({ source }) => [`${source.title} (${code(source.id)})`, source.source, source.states]),
    ),
    "",
    "## Agreement",
    "",
    table(
      [
        "cases of",
        "cases",
        "steps",
        "cells stated",
        "agree",
        "differ as explained",
        "differ",
        "not stated",
        "the two evaluators agree",
      ],
      results.flatMap(rowsOf),
    ),
    "",
    "## Differences",
    "",
    ...explanations.map(({ id, why, explains }) => {
      const count = results.flatMap(({ total }) => total.differences).filter(explains).length;
      return `- **${id}**: ${count} cells. ${why}`;
    }),
    ...unexplained(results).map((difference) => `- ${differenceText(difference)}`),
    "",
    "",
  ].join("\n");
}

function rowsOf({ source, groups, total }: SourceResult): readonly string[][] {
  const named = [...groups].map(([name, result]) => [`${source.id}, ${name}`, result] as const);
  return [...named, ...(groups.size > 1 ? [[`**${source.id}**`, total] as const] : [])].map(
    ([name, result]) => {
      const { cases, steps, stated, unstated, differences } = result;
      const differing = differences.filter(({ explanation }) => explanation === undefined).length;
      return [
        name,
        ...[cases, steps, stated.cells, stated.agreeing, differences.length - differing, differing],
        ...[unstated.cells, unstated.agreeing],
      ].map(String);
    },
  );
}
