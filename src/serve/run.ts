import closeWithGrace from "close-with-grace";
import { createLogger, type LogLevel } from "../telemetry/logger.ts";
import { compose, type ServeOptions } from "./compose.ts";

/** Beyond the delay and the deadline for requests in flight: what is left is cut off. Below the usual 30 s of grace. */
const graceBeyondDelay = 12_000;

/**
 * Composes, serves, and on SIGTERM or SIGINT drains and exits with 0; with 1 after an error that nobody caught, or where
 * draining does not end. Rejects with RingfenceError where the server cannot start; it never resolves otherwise.
 */
export async function serveUntilSignal(
  options: ServeOptions & { readonly logLevel: LogLevel },
): Promise<never> {
  const logger = createLogger(options.logLevel);
  const { log } = logger;
  const running = await compose(options, log);
  const grace = {
    delay: options.shutdownDelay + graceBeyondDelay,
    logger: { error: (message: unknown) => log.error({ reason: String(message) }, "shutdown") },
    // A server that has nothing to do is not done.
    skip: ["beforeExit" as const],
  };
  closeWithGrace(grace, async ({ signal, err }) => {
    if (err === undefined) log.info({ signal }, "shutting down");
    else log.fatal({ err }, "shutting down after an error that nobody caught");
    await running.stop();
    await logger.flush();
  });
  return new Promise<never>(() => undefined);
}
