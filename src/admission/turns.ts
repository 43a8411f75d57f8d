/** Takes items, all to be worked on later in this turn of the event loop. */
export interface Turns<T> {
  add(item: T): void;
  /** Works on what has been added and waits. */
  flush(): void;
}

/**
 * Gathers what comes in one turn of the event loop and works on it as one row once everything that has come in is read.
 * Between parser and TLS the code and data of a request are cold each time: many in a row cost half of what they cost one
 * by one. A single one waits for nothing. `work` must not throw.
 */
export function inTurns<T>(work: (items: readonly T[]) => void): Turns<T> {
  let waiting: T[] = [];
  const flush = (): void => {
    const items = waiting;
    waiting = [];
    work(items);
  };
  return {
    add(item) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(item);
    },
    flush,
  };
}
