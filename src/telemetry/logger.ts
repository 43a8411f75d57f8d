import pino, { type DestinationStream, type Logger } from "pino";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ServerLogger {
  readonly log: Logger;
  /** Writes what is buffered before it returns; called last. */
  flush(): void;
}

/** Characters that are gathered before they are handed over to be written. */
const gathered = 65_536;
/** Bytes that may wait for a reader that does not read; lines beyond are dropped, lest they take the memory of admission. */
const maxLength = 8 << 20;
/** Milliseconds after which a quiet server hands over what it has. */
const quiet = 100;

/**
 * A JSON logger with one asynchronous destination: a line costs its serialisation and no system call. Lines appear
 * within 100 ms; what is gathered is written when the process exits.
 */
export function createLogger(level: LogLevel, file: number | string = process.stderr.fd): ServerLogger {
  const destination = pino.destination({ dest: file, sync: false, minLength: 0, maxLength });
  const gathering = new Gathering(destination);
  const flush = (): void => {
    gathering.handOver();
    try {
      destination.flushSync();
    } catch {
      // Not open yet, or its reader is gone: there is nobody left to tell.
    }
  };
  process.once("exit", flush);
  return { log: loggerTo(gathering, level), flush };
}

/**
 * Gathers lines and hands them over together. The destination has a buffer of its own, but reads all that is in it again
 * for each line, to know how long it is.
 */
class Gathering implements DestinationStream {
  readonly #destination: DestinationStream;
  #lines = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(destination: DestinationStream) {
    this.#destination = destination;
  }

  write(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= gathered) this.handOver();
    else this.#timer ??= setTimeout(() => this.handOver(), quiet).unref();
  }

  handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") this.#destination.write(lines);
  }
}

/** The same logger on a stream of the caller's. */
export function loggerTo(destination: DestinationStream, level: LogLevel): Logger {
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, destination);
}
