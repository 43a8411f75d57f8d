/**
 * Keeps copies of bytes in one block of fixed size; the newest overwrite the oldest. What is kept for seconds would
 * otherwise be a thousand buffers, each of which outlives the collections of the young and is freed by a full one alone.
 * Places are counted from the first byte that was ever written.
 */
export class ByteRing {
  readonly #block: Buffer;
  #end = 0;
  /** The place that stands at the block's start; before it are places of the lap before, behind it those of this one. */
  #lap = 0;

  /** The block is not filled in advance: what is not used costs no memory. */
  constructor(size: number) {
    this.#block = Buffer.allocUnsafeSlow(size);
  }

  /** Copies the bytes and tells where they begin; `undefined` where they are more than the whole ring. */
  put(bytes: Uint8Array): number | undefined {
    const at = this.#reserve(bytes.length);
    if (at !== undefined) this.#block.set(bytes, this.#offset(at));
    return at;
  }

  /** The same for a text whose UTF-8 is `length` bytes long. */
  putText(text: string, length: number): number | undefined {
    const at = this.#reserve(length);
    if (at !== undefined) this.#block.write(text, this.#offset(at), length);
    return at;
  }

  /** The bytes, valid until more are put; `undefined` where others have overwritten them. */
  get(at: number, length: number): Buffer | undefined {
    if (!this.#has(at)) return undefined;
    const offset = this.#offset(at);
    return this.#block.subarray(offset, offset + length);
  }

  /** Whether what was put there begins with these bytes and has not been overwritten; makes no object. */
  holds(at: number, bytes: Uint8Array): boolean {
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

  /** Bytes that do not fit before the block's end begin at its start. */
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
