/**
 * A map of at most `limit` entries that keeps those asked for lately. Holds what can be derived again. Two halves
 * instead of an order of use: a hit changes nothing, so that asking leaves no garbage.
 */
export class Recent<K, V> {
  readonly #half: number;
  readonly #make: (key: K) => V;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(limit: number, make: (key: K) => V) {
    this.#half = Math.max(1, Math.floor(limit / 2));
    this.#make = make;
  }

  /** The value of the key, made where there is none. */
  get(key: K): V {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? this.#make(key);
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
