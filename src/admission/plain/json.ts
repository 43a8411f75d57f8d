import { longestList } from "../shape.ts";

/** Thrown wherever the bytes are not what is read here; always this one: a stack trace would cost more than the reading. */
const notPlain = new Error("not plain");

const newline = 0x0a;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const letterU = 0x75;
const openObject = 0x7b;
const closeObject = 0x7d;
const tilde = 0x7e;

/** More levels than any field that is passed over has. */
const deepest = 64;
/** So many digits that every number of them is exact; ports have five. */
const longestNumber = 9;

/** Texts with escapes or with more than ASCII that are read one by one: each costs several times what it costs among others. */
const mostUnusual = 100;

/** What stands behind the backslash of an escape of two characters. */
const shortEscapes: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
const hexDigits: ReadonlySet<number> = new Set(Buffer.from("0123456789ABCDEFabcdef"));

/** Characters from which V8 does not copy what is cut out of a string (SlicedString::kMinLength). */
const shortestPart = 13;

/**
 * Reads JSON as Go's encoder writes it, without white space between the tokens, one value after the other as the caller
 * knows them to come, and passes over what the caller does not want without making anything of it. Every method throws
 * where the bytes are something else; the caller then has the whole read by JSON.parse, which decides. What it reads is
 * what JSON.parse would make of the same bytes as UTF-8.
 */
export class PlainJson {
  readonly #bytes: Buffer;
  /** A character for each byte: what is cut out of it is right where it is ASCII. */
  readonly #text: string;
  #at = 0;
  /** The items of the lists that are open, the innermost last: a list of its own that grew would be several times as large. */
  readonly #items: unknown[] = [];
  #count = 0;
  #unusual = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#text = bytes.toString("latin1");
  }

  /** For what the caller does not read. */
  giveUp(): never {
    throw notPlain;
  }

  openObject(): void {
    this.#take(openObject);
  }

  /** Whether another member follows; the end of the object is passed. */
  hasMember(): boolean {
    return this.#more(openObject, closeObject);
  }

  /** Whether the next member has this key, which is of ASCII letters; it is passed then, and its value is next. */
  takesKey(key: string): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const end = start + key.length;
    for (let index = 0; index < key.length; index++) {
      if (bytes[start + index] !== key.charCodeAt(index)) return false;
    }
    if (bytes[end] !== quote) return false;
    if (bytes[this.#at] !== quote || bytes[end + 1] !== colon) throw notPlain;
    this.#at = end + 2;
    return true;
  }

  /** Passes over a member with a key that the caller does not know. */
  skipMember(): void {
    this.#take(quote);
    this.#at = this.#endOfSimple(this.#at);
    // An escaped key may be one that the caller does know.
    this.#take(quote);
    this.#take(colon);
    this.#skip(0);
  }

  /** The list, each of its items read by `item`. */
  list<T>(item: (json: PlainJson) => T): T[] {
    const items = this.#items;
    const first = this.#count;
    this.#take(openList);
    while (this.#more(openList, closeList)) {
      if (this.#count - first === longestList) throw notPlain;
      // A list inside of the item moves the count.
      const read = item(this);
      items[this.#count++] = read;
    }
    const list = items.slice(first, this.#count) as T[];
    this.#count = first;
    return list;
  }

  texts(): string[] {
    return this.list(readText);
  }

  /** An object with texts as values; members whose key is not wanted are passed over. */
  textMap(wanted?: (key: string) => boolean): Record<string, string> {
    const map: Record<string, string> = {};
    this.#take(openObject);
    while (this.#more(openObject, closeObject)) {
      const key = this.text();
      this.#take(colon);
      if (wanted?.(key) === false) this.skipText();
      else map[assignable(key)] = this.text();
    }
    return map;
  }

  text(): string {
    const start = this.#at + 1;
    const end = this.#endOfPlain();
    return end < 0 ? this.#unusualText() : this.#text.slice(start, end);
  }

  /** As text(), for what may outlive the request: what text() returns can be a part of the whole body, and keeps it alive. */
  ownText(): string {
    const start = this.#at + 1;
    const end = this.#endOfPlain();
    if (end < 0) return this.#unusualText();
    const isCopied = end - start < shortestPart;
    return isCopied ? this.#text.slice(start, end) : this.#bytes.toString("latin1", start, end);
  }

  boolean(): boolean {
    if (this.#takesWord("true")) return true;
    if (this.#takesWord("false")) return false;
    throw notPlain;
  }

  /** Whether null is next; it is passed then. */
  takesNull(): boolean {
    return this.#takesWord("null");
  }

  /** Whether a text is next. */
  isText(): boolean {
    return this.#bytes[this.#at] === quote;
  }

  /** A whole number, not negative. */
  integer(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let value = 0;
    let at = start;
    for (; ; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < zero || byte > nine) break;
      value = value * 10 + (byte - zero);
    }
    const digits = at - start;
    if (digits === 0 || digits > longestNumber || (digits > 1 && bytes[start] === zero)) throw notPlain;
    // A point or an exponent does not pass for what must follow a value.
    this.#at = at;
    return value;
  }

  /** Nothing may follow but the end of the line that Go's encoder writes. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left === 0 || (left === 1 && this.#bytes[this.#at] === newline)) return;
    throw notPlain;
  }

  #take(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw notPlain;
    this.#at++;
  }

  #more(open: number, close: number): boolean {
    const byte = this.#bytes[this.#at];
    if (byte === close) {
      this.#at++;
      return false;
    }
    // Behind a value there is never an opening: only before the first.
    if (this.#bytes[this.#at - 1] === open) return true;
    if (byte !== comma) throw notPlain;
    this.#at++;
    // A comma before the end is no JSON.
    if (this.#bytes[this.#at] === close) throw notPlain;
    return true;
  }

  #takesWord(word: string): boolean {
    for (let index = 0; index < word.length; index++) {
      if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) return false;
    }
    this.#at += word.length;
    return true;
  }

  #skip(depth: number): void {
    if (depth > deepest) throw notPlain;
    const byte = this.#bytes[this.#at];
    if (byte === quote) this.skipText();
    else if (byte === openObject) {
      this.#at++;
      while (this.#more(openObject, closeObject)) {
        this.skipText();
        this.#take(colon);
        this.#skip(depth + 1);
      }
    } else if (byte === openList) {
      this.#at++;
      while (this.#more(openList, closeList)) this.#skip(depth + 1);
    } else if (!this.#takesWord("true") && !this.#takesWord("false") && !this.#takesWord("null"))
      this.integer();
  }

  /** Passes over a text. */
  skipText(): void {
    this.#take(quote);
    let end = this.#endOfSimple(this.#at);
    while (this.#bytes[end] === backslash) end = this.#endOfSimple(this.#endOfEscape(end));
    this.#at = end;
    this.#take(quote);
  }

  #endOfEscape(at: number): number {
    const bytes = this.#bytes;
    if (shortEscapes.has(bytes[at + 1] ?? 0)) return at + 2;
    if (bytes[at + 1] !== letterU) throw notPlain;
    for (let digit = at + 2; digit < at + 6; digit++) if (!hexDigits.has(bytes[digit] ?? 0)) throw notPlain;
    return at + 6;
  }

  /** Where the text that is next ends; it is passed then. Below zero, and not passed, where it is more than printable ASCII. */
  #endOfPlain(): number {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== quote) throw notPlain;
    for (let at = this.#at + 1; ; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) {
        this.#at = at + 1;
        return at;
      }
      if (byte < space || byte > tilde || byte === backslash) return -1;
    }
  }

  /** A text with escapes or with more than ASCII: JSON.parse makes it of its bytes, which are JSON by then. */
  #unusualText(): string {
    if (this.#unusual === mostUnusual) throw notPlain;
    this.#unusual++;
    const start = this.#at;
    this.skipText();
    return JSON.parse(this.#bytes.toString("utf8", start, this.#at)) as string;
  }

  /** Where the first byte from here stands that is no simple part of a text: its end, an escape, or what may not be in one. */
  #endOfSimple(from: number): number {
    const bytes = this.#bytes;
    for (let at = from; ; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote || byte === backslash || byte < space) return at;
    }
  }
}

/**
 * The key. To assign to `__proto__` would set the prototype; and keys that may be indices can be put into an order in
 * which each costs as much as all before it.
 */
function assignable(key: string): string {
  const first = key.charCodeAt(0);
  if (key === "__proto__" || (first >= zero && first <= nine)) throw notPlain;
  return key;
}

/** Whether a reader gave up; anything else that is thrown is a bug. */
export function gaveUp(error: unknown): boolean {
  return error === notPlain;
}

function readText(json: PlainJson): string {
  return json.text();
}
