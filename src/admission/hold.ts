/** How many requests may wait at once; beyond it nobody waits. */
export interface HoldSlots {
  /** False where all are taken. */
  take(): boolean;
  give(): void;
}

/** Slots up to a limit that is asked anew each time, so that a reloaded configuration counts at once. */
export function holdSlots(limit: () => number): HoldSlots {
  let taken = 0;
  return {
    take() {
      if (taken >= limit()) return false;
      taken += 1;
      return true;
    },
    give() {
      taken -= 1;
    },
  };
}

export interface HoldOptions<Answer> {
  readonly ask: () => Answer;
  /** Whether waiting could still change this answer. */
  readonly open: (answer: Answer) => boolean;
  /** Resolves at the next event that may change the answer, or when the signal is aborted. */
  readonly changed: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds at most. */
  readonly limit: number;
  /** The request's own deadline, or its client's end. */
  readonly signal: AbortSignal;
  readonly slots: HoldSlots;
}

export interface Held<Answer> {
  readonly answer: Answer;
  /** Milliseconds that the request waited; undefined where it did not. */
  readonly held: number | undefined;
}

/**
 * Asks, and while the answer is open asks again at each change, until it is settled or time is up. The last answer
 * counts. Whoever finds no slot gets the first answer at once.
 */
export async function hold<Answer>(options: HoldOptions<Answer>): Promise<Held<Answer>> {
  const first = options.ask();
  if (!options.open(first) || options.limit <= 0 || options.signal.aborted || !options.slots.take()) {
    return { answer: first, held: undefined };
  }
  const began = performance.now();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), options.limit);
  const signal = AbortSignal.any([options.signal, limit.signal]);
  try {
    let answer = first;
    for (;;) {
      // Subscribed before asking: a change between the two would be lost otherwise.
      const change = options.changed(signal);
      answer = options.ask();
      if (!options.open(answer) || isAborted(signal)) break;
      await change;
    }
    return { answer, held: performance.now() - began };
  } finally {
    clearTimeout(timer);
    limit.abort();
    options.slots.give();
  }
}

/** Read through a function: the compiler takes `aborted` for constant between two awaits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
