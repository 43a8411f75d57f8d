/** What a question may cost: steps of work, after which it is answered `undefined` (unknown), and time. */
export interface Budget {
  /** Takes `n` steps (default 1); false when they are no longer there. Once false, always false. */
  spend(n?: number): boolean;
  /** Counts `n` things that were looked at (default 1): what a loop over peers or pods calls, each time round. */
  tick(n?: number): void;
}

/** So many things are looked at between two looks at the clock. */
const checkedEvery = 1_000;

/**
 * A budget of so many steps. A step is about one constraint of a selector looked at. `checkTime` is called for each
 * 1 000 things that were counted, and throws where the time of the request is used up: nothing here goes on then.
 */
export function workBudget(steps: number, checkTime?: () => void): RenewableBudget {
  return new WorkBudget(steps, checkTime);
}

/** A budget that serves several questions, one after the other. */
export interface RenewableBudget extends Budget {
  /** Gives it all its steps again, or so many times as many. */
  renew(times?: number): void;
}

class WorkBudget implements RenewableBudget {
  readonly #steps: number;
  readonly #checkTime: (() => void) | undefined;
  #left: number;
  #untilCheck = checkedEvery;

  constructor(steps: number, checkTime: (() => void) | undefined) {
    this.#steps = steps;
    this.#left = steps;
    this.#checkTime = checkTime;
  }

  renew(times = 1): void {
    this.#left = times * this.#steps;
  }

  spend(n = 1): boolean {
    this.#left -= n;
    return this.#left >= 0;
  }

  tick(n = 1): void {
    this.#untilCheck -= n;
    if (this.#untilCheck > 0) return;
    this.#untilCheck = checkedEvery;
    this.#checkTime?.();
  }
}
