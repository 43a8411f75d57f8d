import { CommanderError, Option, type Command as Parser } from "commander";
import { RingfenceError } from "../errors.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

/** What a command may use of the process it runs in. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
}

/** One subcommand. */
export interface Command {
  /** Runs with the arguments after the command's name. Expected failures reject with RingfenceError. */
  run(args: readonly string[], io: Io): Promise<ExitCode>;
}

/** What a command can print. */
export type Format = "text" | "json";

/** `--format`, the same for every command that prints something to read on. */
export function formatOption(): Option {
  return new Option("-o, --format <format>", "form of the output").choices(["text", "json"]).default("text");
}

/**
 * Parses with commander, which then neither exits nor writes by itself. `--help` gives exit code 0, wrong usage
 * RF_ERR_USAGE; undefined means: go on.
 */
export function parseArguments(parser: Parser, args: readonly string[], io: Io): ExitCode | undefined {
  let complaint = "";
  parser.name(`ringfence ${parser.name()}`);
  // A subcommand takes over what its parent had when it was made, not later.
  for (const each of [parser, ...parser.commands]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => (complaint += text),
    });
  }
  try {
    parser.parse(args, { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.clean;
    const text = (complaint || error.message).trim().replace(/^error: /, "");
    const asked = parser.commands.find((each) => each.name() === args[0]);
    const name = asked === undefined ? parser.name() : `${parser.name()} ${asked.name()}`;
    const problem = `${mistyped(asked ?? parser, args, error)}${text}`;
    throw new RingfenceError("RF_ERR_USAGE", `${problem}\nSee ${name} --help`, { cause: error });
  }
}

/** Where a flag is missing the one that nobody knows is perhaps what was meant; commander tells of the missing one alone. */
function mistyped(parser: Parser, args: readonly string[], { code }: CommanderError): string {
  if (code !== "commander.missingMandatoryOptionValue") return "";
  const flag = parser.parseOptions([...args]).unknown.find((word) => word.startsWith("-"));
  return flag === undefined ? "" : `unknown option '${flag}'; `;
}
