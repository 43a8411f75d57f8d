interface Step<T> {
  readonly next: Map<string, Step<T>>;
  made: T | undefined;
}

/**
 * One thing for each set of values, made when it is first asked for and kept for good: the values are of closed sets. Each
 * value leads to the next; a key made of all of them would cost more than most of what is done with the thing.
 */
export class ByValues<const Values extends readonly string[], T extends object> {
  readonly #make: (values: Values) => T;
  readonly #first: Step<T> = newStep();
  readonly #all: T[] = [];

  constructor(make: (values: Values) => T) {
    this.#make = make;
  }

  get(values: Values): T {
    let at = this.#first;
    for (const value of values) {
      let next = at.next.get(value);
      if (next === undefined) at.next.set(value, (next = newStep()));
      at = next;
    }
    if (at.made === undefined) this.#all.push((at.made = this.#make(values)));
    return at.made;
  }

  /** All that were made, in that order. */
  all(): readonly T[] {
    return this.#all;
  }
}

function newStep<T>(): Step<T> {
  return { next: new Map(), made: undefined };
}
