/** Where bytes stand in a ring, and how many they are. */
export interface RingPlace {
  /** Counted from the first byte that was ever written. */
  readonly at: number;
  readonly length: number;
}

/**
 * Keeps copies of bytes in one block of fixed size; the newest overwrite the oldest. What is kept for seconds would
 * otherwise be a thousand buffers, each of which outlives the collections of the young and is freed by a full one alone.
 */
export class ByteRing {
  readonly #block: Buffer;
  #end = 0;

  /** The block is not filled in advance: what is not used costs no memory. */
  constructor(size: number) {
    this.#block = Buffer.allocUnsafeSlow(size);
  }

  /** Copies the bytes; `undefined` where they are more than the whole ring. */
  put(bytes: Uint8Array): RingPlace | undefined {
    const size = this.#block.length;
    const { length } = bytes;
    if (length > size) return undefined;
    const toItsEnd = size - (this.#end % size);
    const at = length <= toItsEnd ? this.#end : this.#end + toItsEnd;
    this.#block.set(bytes, at % size);
    this.#end = at + length;
    return { at, length };
  }

  /** The bytes, valid until the next `put`; `undefined` where others have overwritten them. */
  get({ at, length }: RingPlace): Buffer | undefined {
    if (this.#end - at > this.#block.length) return undefined;
    const from = at % this.#block.length;
    return this.#block.subarray(from, from + length);
  }
}
