/** A stream of random choices that a seed and a place decide: the same for the same two, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number, place: number) {
    this.#state = mix(mix(seed | 0) ^ Math.imul(place + 1, 0x9e3779b1));
  }

  /** 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return mix32(this.#state) / 4_294_967_296;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** At most `most` items, fewer more often. */
  list<T>(most: number, item: () => T): T[] {
    const length = Math.floor(this.next() ** 2 * (most + 1));
    return Array.from({ length }, item);
  }
}

function mix(value: number): number {
  return mix32((value + 0x6d2b79f5) | 0) | 0;
}

function mix32(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}
