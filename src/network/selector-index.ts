import type { Budget } from "./budget.ts";
import type { LabelSet } from "./labels.ts";
import { matches } from "./selector.ts";
import type { Selector } from "./selector.ts";

/**
 * Finds which of many selectors match a label set without a look at each: those that demand a value of a label are
 * looked up by it. Made for one question; nothing is kept up to date.
 */
export class SelectorIndex<T> {
  readonly #selectorOf: (item: T) => Selector;
  /** By one label that the selector demands, with each of its values. */
  readonly #byPair = new Map<string, T[]>();
  readonly #others: T[] = [];

  constructor(items: Iterable<T>, selectorOf: (item: T) => Selector) {
    this.#selectorOf = selectorOf;
    for (const item of items) this.#add(item);
  }

  /** Those that match, in no particular order. */
  matching(labels: LabelSet, budget: Budget): readonly T[] {
    const found: T[] = [];
    this.#gather(this.#others, labels, found, budget);
    for (const [key, value] of labels) {
      const candidates = this.#byPair.get(pair(key, value));
      if (candidates !== undefined) this.#gather(candidates, labels, found, budget);
    }
    return found;
  }

  #gather(candidates: readonly T[], labels: LabelSet, found: T[], budget: Budget): void {
    budget.tick(1 + candidates.length);
    for (const item of candidates) if (matches(this.#selectorOf(item), labels)) found.push(item);
  }

  #add(item: T): void {
    for (const [key, { absent, complement, values }] of this.#selectorOf(item).constraints) {
      if (absent || complement) continue;
      for (const value of values) this.#under(pair(key, value), item);
      return;
    }
    this.#others.push(item);
  }

  #under(key: string, item: T): void {
    const items = this.#byPair.get(key);
    if (items === undefined) this.#byPair.set(key, [item]);
    else items.push(item);
  }
}

/** Two pairs may share a text where a key is none that Kubernetes takes; `matches` has the last word. */
function pair(key: string, value: string): string {
  return `${key}=${value}`;
}
