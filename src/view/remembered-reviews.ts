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
  /** The columns; the review counted n, from the first that ever was, stands in row n % limit. */
  readonly #until: Float64Array;
  /** Where "namespace/name" stands in the ring, and its bytes: 0 where the review is forgotten. */
  readonly #nameAt: Float64Array;
  readonly #nameLength: Uint32Array;
  readonly #reviewAt: Float64Array;
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
    this.#nameAt = new Float64Array(limit);
    this.#nameLength = new Uint32Array(limit);
    this.#reviewAt = new Float64Array(limit);
    this.#reviewLength = new Uint32Array(limit);
  }

  /** Copies the bytes of a review; they count instead of an earlier one's of that name. Too many to be kept, they are no review. */
  set(namespace: string, name: string, review: Uint8Array): void {
    const reviewAt = this.#ring.put(review);
    const key = keyOf(namespace, name);
    const nameLength = Buffer.byteLength(key);
    const nameAt = this.#ring.putText(key, nameLength);
    if (reviewAt === undefined || nameAt === undefined) {
      this.delete(namespace, name);
      return;
    }
    const row = this.#end % this.#limit;
    this.#until[row] = this.#now() + this.#memory;
    this.#nameAt[row] = nameAt;
    this.#nameLength[row] = nameLength;
    this.#reviewAt[row] = reviewAt;
    this.#reviewLength[row] = review.length;
    this.#end++;
  }

  delete(namespace: string, name: string): void {
    this.#forgetOldest();
    if (this.#first === this.#end) return;
    const key = Buffer.from(keyOf(namespace, name));
    for (let counted = this.#first; counted < this.#end; counted++) {
      const row = counted % this.#limit;
      if (this.#nameLength[row] === key.length && this.#begins(row, key)) this.#nameLength[row] = 0;
    }
  }

  /** What `read` makes of the newest review of each name in the namespace; it must not keep the bytes. */
  read<T>(namespace: string, read: (review: Buffer) => T): T[] {
    this.#forgetOldest();
    if (this.#first === this.#end) return [];
    const prefix = Buffer.from(keyOf(namespace, ""));
    const found = new Map<string, T>();
    for (let counted = this.#end - 1; counted >= this.#first; counted--) {
      const row = counted % this.#limit;
      const nameLength = this.#nameLength[row] ?? 0;
      if (nameLength === 0 || !this.#begins(row, prefix)) continue;
      const name = this.#ring.get(this.#nameAt[row] ?? 0, nameLength)?.toString();
      const review = this.#ring.get(this.#reviewAt[row] ?? 0, this.#reviewLength[row] ?? 0);
      if (name === undefined || review === undefined || found.has(name)) continue;
      found.set(name, read(review));
    }
    return [...found.values()].reverse();
  }

  #begins(row: number, bytes: Uint8Array): boolean {
    return this.#ring.holds(this.#nameAt[row] ?? 0, bytes);
  }

  #forgetOldest(): void {
    const time = this.#now();
    this.#first = Math.max(this.#first, this.#end - this.#limit);
    while (this.#first < this.#end) {
      const row = this.#first % this.#limit;
      if (this.#nameLength[row] !== 0 && (this.#until[row] ?? 0) > time) return;
      this.#first++;
    }
  }
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
