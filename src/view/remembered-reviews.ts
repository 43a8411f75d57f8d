import { ByteRing } from "./byte-ring.ts";

export interface RememberedReviewsOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds for which a review is remembered. */
  readonly memory: number;
  /** How many reviews, and how many bytes of them; the oldest are forgotten first. */
  readonly limit: number;
  readonly byteLimit: number;
}

/**
 * The reviews of policies lately admitted, by namespace and name. Each request leaves one, for seconds: kept as objects,
 * they would outlive the collections of the young and be freed by full ones alone. So all of it stands in columns and in
 * a ring of bytes, made once; to remember one makes no object that lasts.
 */
export class RememberedReviews {
  readonly #now: () => number;
  readonly #memory: number;
  readonly #limit: number;
  readonly #ring: ByteRing;
  // The columns; the review counted n, from the first that ever was, stands in row n % limit.
  /** Never smaller than in the row before: one memory holds for all, and the clock never goes back. */
  readonly #until: Float64Array;
  /** Where namespace, name and review stand in the ring, one behind the other. */
  readonly #at: Float64Array;
  readonly #namespaceLength: Uint32Array;
  /** Of namespace and name together: 0 where the review is forgotten. */
  readonly #keyLength: Uint32Array;
  readonly #keyHash: Uint32Array;
  readonly #reviewLength: Uint32Array;
  /** Those counted from `first` up to `end` may be remembered still. */
  #first = 0;
  #end = 0;

  constructor({ now, memory, limit, byteLimit }: RememberedReviewsOptions) {
    this.#now = now;
    this.#memory = memory;
    this.#limit = limit;
    this.#ring = new ByteRing(byteLimit);
    this.#until = new Float64Array(limit);
    this.#at = new Float64Array(limit);
    this.#namespaceLength = new Uint32Array(limit);
    this.#keyLength = new Uint32Array(limit);
    this.#keyHash = new Uint32Array(limit);
    this.#reviewLength = new Uint32Array(limit);
  }

  /**
   * Copies the bytes of a review; they count instead of an earlier one's of that name. If they cannot be kept, the
   * earlier one is forgotten all the same.
   */
  set(namespace: string, name: string, review: Uint8Array): void {
    const key = namespace + name;
    const keyLength = Buffer.byteLength(key);
    const at = this.#ring.put(key, keyLength, review);
    if (at === undefined) {
      this.delete(namespace, name);
      return;
    }
    const row = this.#end % this.#limit;
    this.#until[row] = this.#now() + this.#memory;
    this.#at[row] = at;
    this.#namespaceLength[row] = Buffer.byteLength(namespace);
    this.#keyLength[row] = keyLength;
    this.#keyHash[row] = hashOf(key);
    this.#reviewLength[row] = review.length;
    this.#end++;
  }

  delete(namespace: string, name: string): void {
    this.#forgetOldest();
    if (this.#first === this.#end) return;
    const text = namespace + name;
    const hash = hashOf(text);
    const key = Buffer.from(text);
    const namespaceLength = Buffer.byteLength(namespace);
    for (let counted = this.#first; counted < this.#end; counted++) {
      const row = counted % this.#limit;
      if (this.#keyHash[row] !== hash || this.#keyLength[row] !== key.length) continue;
      if (this.#belongsTo(row, namespaceLength, key)) this.#keyLength[row] = 0;
    }
  }

  /** What `read` makes of the newest review of each name in the namespace; it must not keep the bytes. */
  read<T>(namespace: string, read: (review: Buffer) => T): T[] {
    this.#forgetOldest();
    if (this.#first === this.#end) return [];
    const wanted = Buffer.from(namespace);
    const found = new Map<string, T>();
    for (let counted = this.#end - 1; counted >= this.#first; counted--) {
      const row = counted % this.#limit;
      const keyLength = this.#keyLength[row] ?? 0;
      if (keyLength === 0 || !this.#belongsTo(row, wanted.length, wanted)) continue;
      const at = this.#at[row] ?? 0;
      const name = this.#ring.get(at, wanted.length, keyLength - wanted.length)?.toString();
      if (name === undefined || found.has(name)) continue;
      const review = this.#ring.get(at, keyLength, this.#reviewLength[row] ?? 0);
      if (review !== undefined) found.set(name, read(review));
    }
    return [...found.values()].reverse();
  }

  /** Whether the row's namespace is so long, and namespace, name and review start with these bytes. */
  #belongsTo(row: number, namespaceLength: number, bytes: Uint8Array): boolean {
    return this.#namespaceLength[row] === namespaceLength && this.#ring.startsWith(this.#at[row] ?? 0, bytes);
  }

  /** Keeps to the limit also the time that a search takes. */
  #forgetOldest(): void {
    const time = this.#now();
    this.#first = Math.max(this.#first, this.#end - this.#limit);
    while (this.#first < this.#end) {
      const row = this.#first % this.#limit;
      if (this.#keyLength[row] !== 0 && (this.#until[row] ?? 0) > time) return;
      this.#first++;
    }
  }
}

/** FNV-1a of the UTF-16 units; spares a search most comparisons of bytes. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
