import type { Goal } from "./goals.ts";
import { hardTexts } from "./hard-cases.ts";
import type { HardResult } from "./hard-rounds.ts";
import type { Figures, Result } from "./rounds.ts";

/** A Markdown table whose columns also line up as plain text. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return line(header) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join("");
}

/** One line for each server and kind of load. */
export function figuresTable(results: readonly Result[]): string {
  const header = [
    "cluster",
    "policy",
    "outcome",
    "load",
    "server",
    "requests/s",
    "CPU per request",
    "to bare",
    "p50",
    "p99",
    "RSS",
  ];
  const rows = results.flatMap((result) => {
    const ringfence = row(result, "Ringfence", result.ringfence, result.toBare?.cpuRatio.toFixed(2) ?? "");
    return result.bare === undefined ? [ringfence] : [ringfence, row(result, "bare", result.bare, "")];
  });
  return table(header, rows);
}

function row({ measurement }: Result, server: string, figures: Figures, ratio: string): string[] {
  const { cluster, policy, outcome, pace } = measurement;
  return [
    `(${cluster})`,
    policy,
    outcome,
    pace.kind === "closed" ? "closed loop" : `${pace.perSecond}/s`,
    server,
    figures.perSecond.toFixed(0),
    `${figures.cpuMicros.toFixed(0)} µs`,
    ratio,
    `${figures.p50.toFixed(2)} ms`,
    `${figures.p99.toFixed(2)} ms`,
    `${figures.rssMiB.toFixed(0)} MiB`,
  ];
}

/** One line for each hard case, asked over one connection. */
export function hardTable(results: readonly HardResult[]): string {
  const rows = results.map(({ hard, figures: { perSecond, cpuMicros, p50, p99 } }) => [
    hard,
    hardTexts[hard],
    perSecond.toFixed(0),
    ...[cpuMicros / 1000, p50, p99].map((milliseconds) => `${milliseconds.toFixed(1)} ms`),
  ]);
  return table(["hard", "what", "reviews/s", "CPU per review", "p50", "p99"], rows);
}

/** Each goal, what came of it, and whether it is met. */
export function goalsTable(goals: readonly Goal[]): string {
  return table(
    ["goal", "limit", "figure", ""],
    goals.map(({ text, limit, figure, met }) => [text, limit, figure, met ? "met" : "MISSED"]),
  );
}
