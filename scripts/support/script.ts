/** Wrong arguments: told without a stack, with where to find help. */
export class UsageError extends Error {}

/**
 * Runs a script: prints `help` for --help or -h as first argument, takes the number that `main` returns as exit code, and
 * tells errors in one line (with their stack where DEBUG is set). Wrong arguments and what could not run end with 2.
 */
export async function runScript(
  help: string,
  main: (args: readonly string[]) => Promise<number>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args[0] === "--help" || args[0] === "-h") {
    process.stdout.write(help);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    process.exitCode = 2;
    if (!(error instanceof Error)) throw error;
    const wrongArguments =
      error instanceof UsageError || ("code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
    process.stderr.write(
      `${process.env.DEBUG === undefined ? error.message : (error.stack ?? error.message)}\n`,
    );
    if (wrongArguments) process.stderr.write("See --help.\n");
  }
}
