import { Argument, Command as Parser } from "commander";
import { nearNames } from "../model/near.ts";
import { RingfenceError } from "../errors.ts";
import type { Rule } from "../model/rule.ts";
import { newestOf, versionsOf } from "../model/rule-versions.ts";
import { rules as everyVersion } from "../rules/index.ts";
import { formatOption, parseArguments, type Command, type Format } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { rulePage } from "./rule-pages.ts";
import { columns, terminalPage } from "./terminal-page.ts";

const all = newestOf(everyVersion);

/** `ringfence rules [ID]`: the catalogue, or one rule's page. */
export const rules: Command = {
  run: (args, io) => {
    const parser = new Parser("rules")
      .description("List the rules, or show the page of one: what it denies, why, and what to write instead.")
      .addArgument(new Argument("[id]", "a rule's id"))
      .addOption(formatOption());
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return Promise.resolve(done);
    const [id] = parser.args;
    const { format } = parser.opts<{ format: Format }>();
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
    versionsOf(rule.id, everyVersion).join(","),
    rule.fix === undefined ? "-" : "yes",
    rule.docs.summary,
  ]);
  return `${columns([["RULE", "PROFILE", "VERSIONS", "FIX", "SUMMARY"], ...rows])}\n`;
}

/** The page names its rule first. */
function page({ id }: Rule): string {
  return terminalPage(rulePage(id).replace(/^# /, `# ${id}: `));
}

function factsOf({ id, profile, curable, kind, operations, fix, docs }: Rule) {
  const versions = versionsOf(id, everyVersion);
  return { id, profile, versions, curable, kind, operations, fix: fix?.class ?? null, ...docs };
}
