import type { Clock } from "./clock.ts";

/** Lets at most `limit` pieces of work run at once; the others wait in order. */
export interface Gate {
  /** Runs `work` when it is its turn; one that waits and is aborted is not run and rejects with the signal's reason. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /**
   * Resolves when nothing runs or waits, for one caller in a turn of the event loop: what all of them do next may not
   * hold up the rest. Resolves also when the signal is aborted. Work that does not end is waited for without end.
   */
  idle(signal: AbortSignal): Promise<void>;
}

export function createGate(limit: number): Gate {
  let free = limit;
  const waiting: (() => void)[] = [];
  const idling = new Set<() => void>();
  let telling = false;
  const tellNext = (): void => {
    telling = false;
    const [tell] = idling;
    if (tell === undefined || free < limit) return;
    telling = true;
    tell();
    setImmediate(tellNext);
  };
  const release = (): void => {
    const next = waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    free += 1;
    if (!telling) tellNext();
  };
  const enter = (): Promise<void> => {
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  return {
    async run(work, signal) {
      await enter();
      try {
        signal.throwIfAborted();
        return await work();
      } finally {
        release();
      }
    },
    idle(signal) {
      if (free === limit || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const tell = (): void => {
          idling.delete(tell);
          signal.removeEventListener("abort", tell);
          resolve();
        };
        idling.add(tell);
        signal.addEventListener("abort", tell);
      });
    },
  };
}

/** Milliseconds. */
const longestWait = 2_000;

/**
 * Resolves when `lists` is idle, when they take long, for one of them may never be answered, or when the signal is aborted.
 * For what does not keep a replica from being ready: it needs connections, and making one costs what the lists of a start
 * wait for.
 */
export async function afterLists(lists: Gate, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  const own = AbortSignal.any([signal, over.signal]);
  try {
    await Promise.race([lists.idle(own), clock.sleep(longestWait, own)]);
  } finally {
    over.abort();
  }
}
