import { setTimeout as sleep } from "node:timers/promises";
import pino, { type DestinationStream, type Logger } from "pino";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ServerLogger {
  readonly log: Logger;
  /** Resolves when all is written, or when nothing was for a second because nobody reads. Blocks nothing; never rejects. */
  flush(): Promise<void>;
}

/** Bytes that are gathered before they are handed over to be written. */
const gathered = 65_536;
/** The most bytes of UTF-8 that one UTF-16 unit can take. */
const bytesOfUnit = 3;
/** Bytes that may wait for a reader that does not read; lines beyond are dropped, lest they take the memory of admission. */
const maxLength = 8 << 20;
/** Milliseconds after which a quiet server hands over what it has. */
const quiet = 100;
/** Milliseconds without a byte written after which an end is not delayed any longer: nobody reads. */
const patience = 1_000;

/**
 * A JSON logger with one asynchronous destination: a line costs its serialisation and no system call. Lines appear
 * within 100 ms; what is gathered is written when the process exits, unless nobody reads.
 *
 * `process.stderr` makes a pipe or a socket non-blocking when it is first read, so that a full one refuses a write
 * (EAGAIN). Otherwise the write would hold a thread that the exit waits for.
 */
export function createLogger(level: LogLevel, file: number | string = process.stderr.fd): ServerLogger {
  let exiting = false;
  // Asked at each refusal. While the server runs, the next attempt costs nothing; at the exit it holds the thread.
  const retryEAGAIN = (): boolean => !exiting || gathering.waited() < patience;
  const destination = pino.destination({ dest: file, sync: false, minLength: 0, maxLength, retryEAGAIN });
  const gathering = new Gathering(destination);
  destination.on("write", () => gathering.progressed());
  destination.on("drain", () => gathering.drained());
  const atExit = (): void => {
    exiting = true;
    gathering.handOver();
    try {
      destination.flushSync();
    } catch {
      // Not open yet, or its reader is gone or does not read: there is nobody left to tell.
    }
    destination.destroy();
  };
  // Before pino's own listener, which lets a flush that fails end the process with another code.
  process.prependOnceListener("exit", atExit);
  return { log: loggerTo(gathering, level), flush: () => gathering.written() };
}

/**
 * Gathers lines and hands them over together. The destination has a buffer of its own, but reads all that is in it again
 * for each line, to know how long it is. Gathered as bytes: strings that wait would be moved to the old generation, where
 * full collections alone find them.
 */
class Gathering implements DestinationStream {
  readonly #destination: DestinationStream;
  readonly #lines = Buffer.allocUnsafeSlow(gathered);
  #used = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the destination still holds what it wrote last. */
  #keepsLast = false;
  /** When a byte was last written, or the first began to wait; undefined while none waits. */
  #waitsSince: number | undefined;

  constructor(destination: DestinationStream) {
    this.#destination = destination;
  }

  write(line: string): void {
    const most = line.length * bytesOfUnit;
    if (most > gathered - this.#used) this.handOver();
    if (most > gathered) {
      this.#pass(line);
      return;
    }
    this.#used += this.#lines.write(line, this.#used);
    this.#timer ??= setTimeout(() => this.handOver(), quiet).unref();
  }

  handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used === 0) return;
    const lines = this.#lines.toString("utf8", 0, this.#used);
    this.#used = 0;
    this.#pass(lines);
  }

  #pass(lines: string): void {
    this.#waitsSince ??= performance.now();
    this.#keepsLast = true;
    this.#destination.write(lines);
  }

  progressed(): void {
    this.#waitsSince = performance.now();
  }

  drained(): void {
    this.#waitsSince = undefined;
    if (!this.#keepsLast) return;
    this.#keepsLast = false;
    // The destination keeps a copy of what it wrote until it writes again: by then that has come to the old generation,
    // and with a hundred of them a full collection.
    this.#destination.write("");
  }

  /** Milliseconds in which nothing was written although something waits. */
  waited(): number {
    return this.#waitsSince === undefined ? 0 : performance.now() - this.#waitsSince;
  }

  async written(): Promise<void> {
    this.handOver();
    // Sleeps first: a write may have ended of which this thread has not heard yet.
    do await sleep(10);
    while (this.#waitsSince !== undefined && this.waited() < patience);
  }
}

/** The same logger on a stream of the caller's. */
export function loggerTo(destination: DestinationStream, level: LogLevel): Logger {
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, destination);
}
