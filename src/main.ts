import type { Command, Io } from "./cli/command.ts";
import { exitCodes, type ExitCode } from "./cli/exit-codes.ts";
import { RingfenceError } from "./errors.ts";
import { version } from "./version.ts";

interface Entry {
  readonly summary: string;
  /** Loaded when called: most commands need little of what the server needs. */
  load(): Promise<Command>;
}

const commands: ReadonlyMap<string, Entry> = new Map([
  [
    "serve",
    { summary: "serve the admission webhook", load: async () => (await import("./cli/serve.ts")).serve },
  ],
  [
    "rules",
    { summary: "list the rules, or show one", load: async () => (await import("./cli/rules.ts")).rules },
  ],
  [
    "generate",
    {
      summary: "print policies: those that a namespace's intent needs, or the one for DNS",
      load: async () => (await import("./cli/generate.ts")).generate,
    },
  ],
  [
    "doctor",
    {
      summary: "look into a cluster: is anything enforced, where do pods resolve names",
      load: async () => (await import("./cli/doctor.ts")).doctor,
    },
  ],
]);

/** argv -> command (loaded when called) -> exit code; nothing else. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  const [first, second = ""] = argv;
  const [name, ...args] = first === "help" && commands.has(second) ? [second, "--help"] : argv;
  if (name === "--version" || name === "-V") {
    io.stdout(`${version}\n`);
    return exitCodes.clean;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    if (name === undefined) io.stderr(usage());
    else io.stdout(usage());
    return name === undefined ? exitCodes.failed : exitCodes.clean;
  }
  const entry = commands.get(name);
  if (entry === undefined) {
    io.stderr(`ringfence: there is no command ${JSON.stringify(name)}${hint(name)}\n\n${usage()}`);
    return exitCodes.failed;
  }
  try {
    const command = await entry.load();
    return await command.run(args, io);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    io.stderr(`ringfence ${name}: ${error.message}\n`);
    return error.exitCode === exitCodes.findings ? exitCodes.findings : exitCodes.failed;
  }
}

function usage(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: ringfence COMMAND [FLAGS]\n\nCommands:\n${lines.join("\n")}\n\nringfence COMMAND --help shows a command's flags; ringfence --version the version.\n`;
}

/** The command that begins alike, if one does. */
function hint(name: string): string {
  const like = [...commands.keys()].find((known) => known.startsWith(name.slice(0, 2)));
  return like === undefined || name.length < 2 ? "" : `; did you mean ${JSON.stringify(like)}?`;
}

function processIo(): Io {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  };
}
