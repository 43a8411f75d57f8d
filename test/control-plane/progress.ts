/** Takes one line of progress, without its newline. */
export type Progress = (line: string) => void;

/** Progress on standard error, so that standard output stays the command's own. */
export const toStandardError: Progress = (line) => {
  process.stderr.write(`${line}\n`);
};

/** "9 s", "2 min 05 s". */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** Runs `work` and says every `everyMs` that it is still going on. */
export async function withHeartbeat<T>(
  progress: Progress,
  what: string,
  work: () => Promise<T>,
  everyMs = 15_000,
): Promise<T> {
  const start = Date.now();
  const timer = setInterval(() => {
    progress(`${what}: ${duration(Date.now() - start)} so far`);
  }, everyMs);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
