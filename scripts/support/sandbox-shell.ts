import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** An interactive shell and how it is started. */
export interface Shell {
  readonly command: string;
  readonly args: readonly string[];
  /** To be set besides the sandbox's own environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ShellOptions {
  /** The user's shell, as in SHELL. */
  readonly program: string;
  /** What the shell must have whatever its startup files say: not PATH. */
  readonly variables: Readonly<Record<string, string>>;
  /** The folder that goes first on PATH. */
  readonly programs: string;
  /** An empty or new folder for the startup files. */
  readonly directory: string;
  /** The user's environment. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts the user's shell so that our variables and PATH are set after its own startup files: these often export
 * KUBECONFIG and put folders in front of PATH, and kubectl would then speak to another cluster. The prompt begins with
 * `(ringfence)`. Knows bash, zsh, fish, and shells that read the file in ENV (sh, dash, ksh).
 */
export async function sandboxShell(options: ShellOptions): Promise<Shell> {
  const { program, directory, env } = options;
  await mkdir(directory, { recursive: true });
  const write = async (name: string, lines: readonly string[]): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, `${lines.join("\n")}\n`);
    return file;
  };
  const home = env.HOME ?? "/";
  switch (basename(program)) {
    case "bash": {
      const own = sourced(join(home, ".bashrc"));
      const file = await write("bashrc", [own, ...posix(options), 'PS1="(ringfence) $PS1"']);
      return { command: program, args: ["--rcfile", file, "-i"], env: {} };
    }
    case "zsh": {
      const theirs = env.ZDOTDIR ?? home;
      // A .zshenv may choose another folder for the files that follow.
      await write(".zshenv", [
        `ZDOTDIR=${quoted(theirs)}`,
        '[ -r "$ZDOTDIR/.zshenv" ] && . "$ZDOTDIR/.zshenv"',
        'RINGFENCE_ZDOTDIR="${ZDOTDIR:-$HOME}"',
        `ZDOTDIR=${quoted(directory)}`,
      ]);
      await write(".zshrc", [
        'ZDOTDIR="$RINGFENCE_ZDOTDIR"; unset RINGFENCE_ZDOTDIR',
        '[ -r "$ZDOTDIR/.zshrc" ] && . "$ZDOTDIR/.zshrc"',
        ...posix(options),
        'PROMPT="(ringfence) $PROMPT"',
      ]);
      return { command: program, args: ["-i"], env: { ZDOTDIR: directory } };
    }
    case "fish":
      return { command: program, args: ["-i", "--init-command", fish(options).join("; ")], env: {} };
    default: {
      const own = env.ENV === undefined ? [] : [sourced(env.ENV)];
      const file = await write("shrc", [...own, ...posix(options), 'PS1="(ringfence) ${PS1:-$ }"']);
      return { command: program, args: ["-i"], env: { ENV: file } };
    }
  }
}

function sourced(file: string): string {
  return `[ -r ${quoted(file)} ] && . ${quoted(file)}`;
}

/** An alias would go before PATH. */
function posix({ variables, programs }: ShellOptions): string[] {
  const names = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    ...names,
    `export PATH=${quoted(programs)}:"$PATH"`,
    ...["kubectl", "ringfence"].flatMap((name) => [
      `unalias ${name} 2>/dev/null`,
      `unset -f ${name} 2>/dev/null`,
    ]),
  ];
}

function fish({ variables, programs }: ShellOptions): string[] {
  const names = Object.entries(variables).map(([name, value]) => `set -gx ${name} ${fishQuoted(value)}`);
  return [
    ...names,
    `set -gx PATH ${fishQuoted(programs)} $PATH`,
    "functions -e kubectl ringfence",
    "functions -c fish_prompt _ringfence_prompt",
    "function fish_prompt; echo -n '(ringfence) '; _ringfence_prompt; end",
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
