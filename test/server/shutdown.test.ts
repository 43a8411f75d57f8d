import { once } from "node:events";
import { Agent } from "node:https";
import { connect as connectPlain } from "node:net";
import { describe, expect, test } from "vitest";
import type { Verdict } from "#src/model/verdict.ts";
import { defaultTimeouts } from "#src/server/app.ts";
import { buildHealthServer } from "#src/server/health.ts";
import { listen } from "#src/server/listen.ts";
import { drain } from "#src/server/shutdown.ts";
import { loggerTo } from "#src/telemetry/logger.ts";
import { policyReview, responseOf } from "./reviews.ts";
import { allowed, open, post, startWebhook, until } from "./webhook.ts";

const log = loggerTo({ write: () => undefined }, "info");

describe("drain", () => {
  test("R55 replies end their connections, requests in flight are finished, held connections do not delay the end", async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    let asked = 0;
    const verdicts = [allowed, promise];
    // Nothing else ends a connection on which nothing comes.
    const timeouts = { ...defaultTimeouts, handshake: 60_000, headers: 60_000, request: 60_000 };
    await using webhook = await startWebhook({ validate: () => verdicts[asked++] ?? allowed, timeouts });
    const agent = new Agent({ keepAlive: true });
    const before = await post(webhook, policyReview(), { agent });
    expect(before.headers.connection).toBe("keep-alive");
    const idle = await open(webhook);
    const silent = connectPlain(webhook.port, "127.0.0.1");
    await once(silent, "connect");
    const inFlight = post(webhook, policyReview(), { agent });
    await until("it is in flight", () => asked === 2);

    const { app, draining } = webhook;
    const drained = drain({ app, draining, delay: 300, deadline: 60_000, log });
    const during = await post(webhook, policyReview());
    expect(responseOf(during).allowed).toBe(true);
    expect(during.headers.connection).toBe("close");
    await until("the listener is closed", () => !app.server.listening);
    resolve(allowed);
    const after = await inFlight;
    expect(responseOf(after).allowed).toBe(true);
    expect(after.headers.connection).toBe("close");
    await drained;
    if (!idle.closed) await once(idle, "close");
    if (!silent.closed) await once(silent, "close");
    agent.destroy();
  });

  test("R55 a request that never ends is cut at the deadline", async () => {
    let asked = 0;
    await using webhook = await startWebhook({
      validate: () => {
        asked++;
        return new Promise<Verdict>(() => undefined);
      },
    });
    const stuck = post(webhook, policyReview(), { path: "/validate?timeout=30s" });
    const failed = expect(stuck).rejects.toThrow();
    await until("it is in flight", () => asked === 1);
    await drain({ app: webhook.app, draining: webhook.draining, delay: 0, deadline: 200, log });
    await failed;
  });

  test("R56 during the delay new connections are served while readiness is false", async () => {
    await using webhook = await startWebhook();
    const { app, draining, metrics } = webhook;
    const health = buildHealthServer({
      checks: [{ name: "draining", failure: () => (draining.active ? "shutting down" : undefined) }],
      states: () => [],
      metrics,
    });
    const port = await listen(health, { host: "127.0.0.1", port: 0 });
    const ready = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    expect(await ready()).toBe(200);
    const drained = drain({ app, draining, delay: 500, deadline: 1_000, log });
    expect(await ready()).toBe(503);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    for (let request = 0; request < 5; request++) {
      expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
    }
    expect(app.server.listening).toBe(true);
    await drained;
    await expect(post(webhook, policyReview())).rejects.toThrow("ECONNREFUSED");
    health.close();
    health.closeAllConnections();
  });
});
