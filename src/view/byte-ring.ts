/**
 * Keeps copies of bytes in one block of fixed size; the newest overwrite the oldest. What is kept for seconds would
 * otherwise be a thousand buffers, each of which outlives the collections of the young and is freed by a full one alone.
 * Places are counted from the first byte that was ever written.
 */
export class ByteRing {
  readonly #block: Buffer;
  #end = 0;
  /** The place that stands at the block's start. Smaller places that are kept still belong to the lap before. */
  #lap = 0;

  /** The block is not filled in advance: what is not used costs no memory. */
  constructor(size: number) {
    this.#block = Buffer.allocUnsafeSlow(size);
  }

  /**
   * Copies a text, whose UTF-8 is `textLength` bytes long, and bytes behind it; tells where they begin. `undefined` where
   * they are more than the whole ring: nothing is overwritten then.
   */
  put(text: string, textLength: number, bytes: Uint8Array): number | undefined {
    const at = this.#reserve(textLength + bytes.length);
    if (at === undefined) return undefined;
    const offset = this.#offset(at);
    this.#block.write(text, offset, textLength);
    this.#block.set(bytes, offset + textLength);
    return at;
  }

  /** Bytes from there on, valid until more are put; `undefined` where what was put there has been overwritten. */
  get(at: number, from: number, length: number): Buffer | undefined {
    if (!this.#has(at)) return undefined;
    const offset = this.#offset(at) + from;
    return this.#block.subarray(offset, offset + length);
  }

  /** Whether what was put there is there still and starts with these bytes; makes no object. */
  startsWith(at: number, bytes: Uint8Array): boolean {
    if (!this.#has(at)) return false;
    const offset = this.#offset(at);
    for (let index = 0; index < bytes.length; index++) {
      if (this.#block[offset + index] !== bytes[index]) return false;
    }
    return true;
  }

  #has(at: number): boolean {
    return this.#end - at <= this.#block.length;
  }

  #offset(at: number): number {
    return at >= this.#lap ? at - this.#lap : at - this.#lap + this.#block.length;
  }

  /** What does not fit before the block's end begins at its start. */
  #reserve(length: number): number | undefined {
    const size = this.#block.length;
    if (length > size) return undefined;
    if (this.#end + length > this.#lap + size) {
      this.#lap += size;
      this.#end = this.#lap;
    }
    const at = this.#end;
    this.#end += length;
    return at;
  }
}
