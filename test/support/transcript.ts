/** What a user typed and saw. */
export interface Typed {
  /** As it would be typed: kubectl -n shop apply -f g01-egress-default-deny.yaml */
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What stands on the terminal: the command, warnings (kubectl prints them as they come), what was done, errors, and the
 * exit code where it is not 0.
 */
export function transcript(...typed: readonly Typed[]): string {
  return typed
    .map(({ command, code, stdout, stderr }) => {
      const lines = stderr.split(/(?<=\n)/);
      const warnings = lines.filter((line) => line.startsWith("Warning: ")).join("");
      const errors = lines.filter((line) => !line.startsWith("Warning: ")).join("");
      return `$ ${command}\n${warnings}${stdout}${errors}${code === 0 ? "" : `[exit code ${code}]\n`}`;
    })
    .join("\n");
}
