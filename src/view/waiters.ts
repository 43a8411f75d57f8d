/** Those who wait for the next event of a namespace. */
export class Waiters {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves at the next `wake` that concerns the namespace, or when the signal is aborted; never rejects. */
  wait(namespace: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const waiting = this.#waiting.get(namespace) ?? new Set();
      this.#waiting.set(namespace, waiting);
      const done = (): void => {
        signal.removeEventListener("abort", done);
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(namespace) === waiting) this.#waiting.delete(namespace);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  wake(namespace: string): void {
    for (const done of [...(this.#waiting.get(namespace) ?? [])]) done();
  }

  wakeAll(): void {
    for (const namespace of [...this.#waiting.keys()]) this.wake(namespace);
  }

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const waiting of this.#waiting.values()) size += waiting.size;
    return size;
  }
}
