import { Argument, Command as Parser, Option } from "commander";
import { nearNames } from "../model/near.ts";
import { RingfenceError } from "../errors.ts";
import type { Rule } from "../model/rule.ts";
import { rules as all } from "../rules/index.ts";
import { parseArguments, type Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";

/** `ringfence rules [ID]`: the catalogue, or one rule. */
export const rules: Command = {
  run: (args, io) => {
    const parser = new Parser("rules")
      .description("List the rules, or show one: what it denies, why, and what to write instead.")
      .addArgument(new Argument("[id]", "a rule's id"))
      .addOption(
        new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"),
      );
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return Promise.resolve(done);
    const [id] = parser.args;
    const { format } = parser.opts<{ format: "text" | "json" }>();
    const shown = id === undefined ? all : [ruleOf(id)];
    if (format === "json")
      io.stdout(`${JSON.stringify({ schemaVersion: 1, rules: shown.map(factsOf) }, undefined, 2)}\n`);
    else io.stdout(id === undefined ? catalogue(shown) : shown.map(page).join("\n"));
    return Promise.resolve(exitCodes.clean);
  },
};

function ruleOf(id: string): Rule {
  const found = all.find((rule) => rule.id === id);
  if (found !== undefined) return found;
  const near = nearNames(
    id,
    all.map((rule) => rule.id),
  );
  const hint = near.length === 0 ? "" : `, did you mean ${near.join(" or ")}?`;
  throw new RingfenceError(
    "RF_ERR_USAGE",
    `there is no rule ${JSON.stringify(id)}${hint}\nSee ringfence rules`,
  );
}

function catalogue(shown: readonly Rule[]): string {
  const rows = shown.map((rule) => [
    rule.id,
    rule.profile,
    rule.fix === undefined ? "-" : "yes",
    rule.docs.summary,
  ]);
  return columns([["RULE", "PROFILE", "FIX", "SUMMARY"], ...rows]);
}

/** Lines whose cells stand below each other; the last cell is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}

function page(rule: Rule): string {
  const { docs } = rule;
  const fix =
    rule.fix === undefined ? "none" : `${rule.fix.class}, applied where ringfence.dev/patch asks for it`;
  const facts = [
    ["profile", rule.profile],
    ["since", rule.since],
    ["judges", `${rule.kind} ${rule.operations.join(", ")}`],
    ["curable", rule.curable ? "yes, by another object of the same apply" : "no"],
    ["fix", fix],
  ];
  const parts = [
    `${rule.id}: ${docs.title}`,
    columns(facts).trimEnd(),
    wrap(docs.summary),
    wrap(`Why: ${docs.why}`),
    wrap(`Instead: ${docs.remediation}`),
    ...(docs.references.length === 0 ? [] : [`See:\n${docs.references.map((url) => `  ${url}`).join("\n")}`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Broken at spaces into lines of at most 100 characters, as far as words let it. */
function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 100) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}

function factsOf({ id, profile, since, curable, kind, operations, fix, docs }: Rule) {
  return { id, profile, since, curable, kind, operations, fix: fix?.class ?? null, ...docs };
}
