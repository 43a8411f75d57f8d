/** A map of at most `limit` entries; the one used longest ago makes room. Holds what can be derived again. */
export class Recent<K, V> {
  readonly #limit: number;
  readonly #entries = new Map<K, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of the key, made where there is none. */
  get(key: K, make: () => V): V {
    const standing = this.#entries.get(key);
    if (standing !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, standing);
      return standing;
    }
    const value = make();
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    return value;
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }
}
