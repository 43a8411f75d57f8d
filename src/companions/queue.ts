import { setMaxListeners } from "node:events";

/** Time as the controller sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Resolves after `milliseconds`, or as soon as the signal is aborted; never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** What came of working on a key. */
export interface Worked {
  /** Milliseconds after which to look again, though nothing failed. */
  readonly again?: number | undefined;
  /** It failed, and is to be tried again later: after this long at least, and longer each time. */
  readonly failed?: { readonly retryAfter: number } | undefined;
}

export interface QueueOptions {
  /** Called for one key at a time, never twice at once for the same. What it throws counts as a failure. */
  readonly work: (key: string, signal: AbortSignal) => Promise<Worked>;
  readonly onError: (key: string, error: unknown) => void;
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  /** Milliseconds before the second attempt, and at most. */
  readonly backoff: { readonly first: number; readonly cap: number };
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface WorkQueue {
  /**
   * The key is to be worked on: once, however often this is called before that; again afterwards where it is worked on
   * now. One that failed waits until its time has come all the same.
   */
  add(key: string): void;
  /** Keys that wait or are worked on. */
  readonly length: number;
  /** Works until the signal is aborted; resolves when all that was begun has ended. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often a key failed in a row, and until when it rests. */
interface Resting {
  readonly failures: number;
  readonly until: number;
}

/** One queue of keys: deduplicated, each worked on by one worker at a time, with a backoff of its own. */
export function createQueue(options: QueueOptions): WorkQueue {
  return new Queue(options);
}

class Queue implements WorkQueue {
  readonly #options: QueueOptions;
  /** In the order in which they came. */
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  /** Changed while they were worked on. */
  readonly #changed = new Set<string>();
  readonly #resting = new Map<string, Resting>();
  readonly #timers = new Map<string, AbortController>();
  #signal: AbortSignal | undefined = undefined;
  #idle: (() => void) | undefined = undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.size + this.#working.size + this.#timers.size;
  }

  add(key: string): void {
    if (this.#working.has(key)) this.#changed.add(key);
    else if (this.#rests(key)) return;
    else {
      this.#cancelTimer(key);
      this.#waiting.add(key);
      this.#begin();
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal);
    this.#signal = signal;
    this.#begin();
    await new Promise<void>((resolve) => {
      const ended = (): void => {
        if (signal.aborted && this.#working.size === 0) resolve();
      };
      this.#idle = ended;
      signal.addEventListener("abort", ended, { once: true });
      ended();
    });
    this.#signal = undefined;
    for (const key of [...this.#timers.keys()]) this.#cancelTimer(key);
    this.#waiting.clear();
    this.#changed.clear();
    this.#resting.clear();
  }

  #rests(key: string): boolean {
    const resting = this.#resting.get(key);
    return resting !== undefined && resting.until > this.#options.clock.now() && this.#timers.has(key);
  }

  #begin(): void {
    const signal = this.#signal;
    if (signal === undefined || signal.aborted) return;
    for (const key of this.#waiting) {
      if (this.#working.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#working.add(key);
      void this.#work(key, signal).finally(() => {
        this.#working.delete(key);
        if (this.#changed.delete(key)) this.add(key);
        this.#begin();
        this.#idle?.();
      });
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    let worked: Worked;
    try {
      worked = await this.#options.work(key, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#options.onError(key, error);
      worked = { failed: { retryAfter: 0 } };
    }
    if (worked.failed === undefined) {
      this.#resting.delete(key);
      if (worked.again !== undefined) this.#later(key, worked.again, signal);
      return;
    }
    const failures = (this.#resting.get(key)?.failures ?? 0) + 1;
    const wait = Math.max(worked.failed.retryAfter, this.#backoff(failures));
    this.#resting.set(key, { failures, until: this.#options.clock.now() + wait });
    // What changed meanwhile is seen by the next attempt.
    this.#changed.delete(key);
    this.#later(key, wait, signal);
  }

  /** Spread over its upper half, so that many keys that failed together do not come back together. */
  #backoff(failures: number): number {
    const { backoff, random } = this.#options;
    return Math.min(backoff.cap, backoff.first * 2 ** (failures - 1)) * (0.5 + random() / 2);
  }

  #later(key: string, milliseconds: number, signal: AbortSignal): void {
    this.#cancelTimer(key);
    const timer = new AbortController();
    this.#timers.set(key, timer);
    void this.#options.clock.sleep(milliseconds, AbortSignal.any([signal, timer.signal])).then(() => {
      if (this.#timers.get(key) !== timer) return;
      this.#timers.delete(key);
      this.add(key);
    });
  }

  #cancelTimer(key: string): void {
    const timer = this.#timers.get(key);
    this.#timers.delete(key);
    timer?.abort();
  }
}
