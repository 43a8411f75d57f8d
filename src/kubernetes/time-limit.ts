import type { Clock } from "./clock.ts";

export interface TimeLimit {
  readonly milliseconds: number;
  readonly clock: Clock;
  /** What is asked for, as the error names it. */
  readonly what: string;
}

/**
 * Does work that asks the API server; its signal is aborted with the outer one, and when the time is over. Rejects as the
 * work does.
 */
export async function within(
  { milliseconds, clock, what }: TimeLimit,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  const stop = (): void => limit.abort(outer.reason);
  outer.addEventListener("abort", stop);
  if (outer.aborted) stop();
  const over = new AbortController();
  void clock.sleep(milliseconds, over.signal).then(() => {
    limit.abort(new Error(`the API server did not answer for ${what} within ${milliseconds} ms`));
  });
  try {
    limit.signal.throwIfAborted();
    await work(limit.signal);
  } finally {
    outer.removeEventListener("abort", stop);
    over.abort();
  }
}
