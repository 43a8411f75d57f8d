import { setTimeout as sleep } from "node:timers/promises";

export interface UntilOptions {
  /** Milliseconds; 30 000 unless given. */
  readonly timeoutMs?: number;
  /** Milliseconds between two tries; 50 unless given. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Thrown by a condition to say that waiting longer is of no use, e.g. because a process has ended. */
export class Hopeless extends Error {}

/**
 * Asks `condition` again and again until it returns something else than undefined or false, and returns that.
 * A condition that throws counts as not fulfilled yet; its last error is told when the time is over.
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: UntilOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 50, signal } = options;
  const deadline = Date.now() + timeoutMs;
  let last = "";
  for (;;) {
    signal?.throwIfAborted();
    try {
      const result = await condition();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}${last}`);
    await sleep(intervalMs);
  }
}
