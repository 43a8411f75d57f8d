/** What the process ends with; the same for every command. */
export const exitCodes = {
  /** Nothing to complain about. */
  clean: 0,
  /** Findings. */
  findings: 1,
  /** Could not run: wrong usage, configuration, a cluster that cannot be reached. */
  failed: 2,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
