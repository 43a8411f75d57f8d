/** Lets at most `limit` pieces of work run at once; the others wait in order. */
export interface Gate {
  /** Runs `work` when it is its turn; one that waits and is aborted is not run and rejects with the signal's reason. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Resolves when nothing runs or waits: for one caller in a turn of the event loop, that all may not hold up the others. */
  idle(): Promise<void>;
}

export function createGate(limit: number): Gate {
  let free = limit;
  const waiting: (() => void)[] = [];
  const idling: (() => void)[] = [];
  const tellIdle = (): void => {
    if (free < limit) return;
    const tell = idling.shift();
    if (tell === undefined) return;
    tell();
    setImmediate(tellIdle);
  };
  const release = (): void => {
    const next = waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    free += 1;
    tellIdle();
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
    idle: () => (free === limit ? Promise.resolve() : new Promise((resolve) => idling.push(resolve))),
  };
}
