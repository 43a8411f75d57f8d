import pino, { type DestinationStream, type Logger } from "pino";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ServerLogger {
  readonly log: Logger;
  /** Writes what is buffered before it returns; called last. */
  flush(): void;
}

/** Characters that are gathered before one write; the destination's own limit is 16 384. */
const minLength = 8_192;
/** Milliseconds after which a quiet server writes what it has. */
const periodicFlush = 100;

/**
 * A JSON logger with one asynchronous destination: a line costs its serialisation and no system call. Lines appear
 * within 100 ms; what is buffered is written when the process exits.
 */
export function createLogger(level: LogLevel, file: number | string = process.stderr.fd): ServerLogger {
  const destination = pino.destination({ dest: file, sync: false, minLength, periodicFlush });
  return {
    log: loggerTo(destination, level),
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        // Not open yet, or its reader is gone: there is nobody left to tell.
      }
    },
  };
}

/** The same logger on a stream of the caller's. */
export function loggerTo(destination: DestinationStream, level: LogLevel): Logger {
  return pino({ level, base: null, formatters: { level: (label) => ({ level: label }) } }, destination);
}
