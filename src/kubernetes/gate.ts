/** Lets at most `limit` pieces of work run at once; the others wait in order. */
export interface Gate {
  /** Runs `work` when it is its turn; one that waits and is aborted is not run and rejects with the signal's reason. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

export function createGate(limit: number): Gate {
  let free = limit;
  const waiting: (() => void)[] = [];
  let tellIdle: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    free += 1;
    if (free < limit) return;
    for (const tell of tellIdle) tell();
    tellIdle = [];
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
    idle: () => (free === limit ? Promise.resolve() : new Promise((resolve) => tellIdle.push(resolve))),
  };
}
