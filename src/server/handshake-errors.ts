import type { Server } from "node:https";
import type { BaseLogger } from "pino";

/** At most one line in this many milliseconds. */
const quiet = 10_000;

/**
 * Connections that end before TLS is up are normal: probes open and drop them. They are told at debug level, at most
 * one line in ten seconds, with the count of those in between.
 */
export function handshakeErrors(server: Server, log: BaseLogger, now: () => number = Date.now): void {
  let untold = 0;
  let last = Number.NEGATIVE_INFINITY;
  server.on("tlsClientError", (error, socket) => {
    untold++;
    socket.destroy();
    if (now() - last < quiet) return;
    log.debug({ err: error.message, count: untold }, "tls handshake failed");
    last = now();
    untold = 0;
  });
}
