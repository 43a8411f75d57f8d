import { setTimeout as sleep } from "node:timers/promises";
import type { BaseLogger } from "pino";
import type { App } from "./app.ts";
import type { Draining } from "./draining.ts";

export interface DrainOptions {
  readonly app: App;
  readonly draining: Draining;
  /** Milliseconds for which the listener stays open: endpoints are removed while SIGTERM is under way. */
  readonly delay: number;
  /** Milliseconds after that for requests in flight; then their connections are cut. */
  readonly deadline: number;
  readonly log: BaseLogger;
}

/** Milliseconds after closing the listener for connections on which nothing was asked yet. */
const unusedGrace = 500;

/**
 * Takes the webhook server out of service without a failed call. Readiness turns false (`draining` is one of its
 * checks); for the delay everything is served, each reply ending its connection, so that clients move on; then the
 * listener and idle connections are closed and requests in flight are waited for.
 */
export async function drain({ app, draining, delay, deadline, log }: DrainOptions): Promise<void> {
  draining.active = true;
  log.info({ delay }, "draining: not ready, still serving");
  await sleep(delay);
  log.info("closing the listener");
  const cut = setTimeout(() => {
    log.warn("requests still in flight at the deadline; their connections are cut");
    app.server.closeAllConnections();
  }, deadline);
  // A connection that was opened just now may have a request under way.
  const unused = setTimeout(() => {
    for (const socket of draining.unused) socket.destroy();
  }, unusedGrace);
  await closed(app.server);
  clearTimeout(unused);
  clearTimeout(cut);
  await app.close();
}

/** Stops listening, ends idle connections and waits for the others. */
async function closed(server: App["server"]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => resolve(undefined));
  await promise;
}
