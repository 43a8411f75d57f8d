import { once } from "node:events";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Decide, Verdict } from "#src/model/verdict.ts";
import { defaultTimeouts } from "#src/server/app.ts";
import { policy, policyReview, responseOf, uid } from "./reviews.ts";
import { allowed, open, post, readToEnd, startWebhook, until } from "./webhook.ts";

/** A decision that the test ends, or the request's own signal. */
function pending(): {
  decide: Decide;
  release: (verdict: Verdict) => void;
  reasons: unknown[];
  asked: () => number;
} {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const reasons: unknown[] = [];
  let asked = 0;
  const decide: Decide = (_, { signal }) => {
    asked++;
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    return promise;
  };
  return { decide, release: resolve, reasons, asked: () => asked };
}

function head(body: string, path = "/validate?timeout=3s"): string {
  return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
}

describe("R53: an idle connection is the client's to end", () => {
  test("R53 the server announces more than the API server's 90 s (its header; the time itself is not waited for)", async () => {
    await using webhook = await startWebhook();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { headers } = await post(webhook, policyReview(), { agent });
    const announced = Number(/timeout=(\d+)/.exec(String(headers["keep-alive"]))?.[1]);
    expect(announced).toBeGreaterThan(90 + 1);
    expect(webhook.app.server.keepAliveTimeout).toBe(announced * 1_000);
    agent.destroy();
  });

  test("R53 a connection idle for 1 s and then 3 s, beyond the times for headers and requests, is used again", async () => {
    const timeouts = { ...defaultTimeouts, headers: 500, request: 500, check: 100 };
    await using webhook = await startWebhook({ timeouts });
    const socket = await open(webhook);
    for (const idle of [0, 1_000, 3_000]) {
      await sleep(idle);
      const body = JSON.stringify(policyReview());
      socket.write(head(body) + body);
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    }
    socket.destroy();
  });
});

describe("R57: the request's own deadline", () => {
  test.each([
    ["1s", 1_000],
    ["500ms", 500],
    ["0m1.2s", 1_200],
  ])("R57 ?timeout=%s: 500 before it, less a margin, and the work aborted", async (timeout, milliseconds) => {
    const { decide, reasons } = pending();
    // The time runs from when the request has come in: what it took to get here is not the server's.
    let started = 0;
    await using webhook = await startWebhook({
      validate: (subject, request) => {
        started = performance.now();
        return decide(subject, request);
      },
    });
    const answer = await post(webhook, policyReview(), { path: `/validate?timeout=${timeout}` });
    const took = performance.now() - started;
    expect(answer.status).toBe(500);
    expect(answer.headers["retry-after"]).toBeUndefined();
    expect(took).toBeLessThan(milliseconds);
    expect(took).toBeGreaterThan(milliseconds / 2);
    expect(reasons).toMatchObject([{ code: "RF_ERR_DEADLINE" }]);
    expect(webhook.load.inFlight).toBe(0);
  });

  test.each([
    "",
    "?timeout=",
    "?timeout=abc",
    "?timeout=-5s",
    "?timeout=0s",
    "?timeout=1s&timeout=2s",
    "?timeout=%00",
    "?timeout",
  ])("R57 %j counts as absent: 3 s less the margin", async (query) => {
    const { decide, release, asked } = pending();
    await using webhook = await startWebhook({ mutate: decide });
    const answer = post(webhook, policyReview(), { path: `/mutate${query}` });
    await until("the decision is asked for", () => asked() === 1);
    await sleep(300);
    release(allowed);
    expect(responseOf(await answer)).toEqual({ uid, allowed: true });
  });

  test("R57 an unreadable timeout does not wait for ever", async () => {
    await using webhook = await startWebhook({ validate: pending().decide });
    const answer = await post(webhook, policyReview(), { path: "/validate?timeout=soon" });
    expect(answer.status).toBe(500);
  });
});

describe("R58: a client that goes away", () => {
  test("R58 while its verdict is waited for: the work is aborted and counted", async () => {
    const { decide, reasons, asked } = pending();
    await using webhook = await startWebhook({ validate: decide });
    const socket = await open(webhook);
    const body = JSON.stringify(policyReview());
    socket.write(head(body) + body);
    await until("the decision is asked for", () => asked() === 1);
    expect(webhook.load.inFlight).toBe(1);
    socket.destroy();
    await until("the work is aborted", () => reasons.length === 1);
    expect(webhook.load.inFlight).toBe(0);
    expect(await webhook.sample("ringfence_admission_client_gone_total")).toBe(1);
    expect(webhook.lines()).toContainEqual(expect.objectContaining({ uid, verdict: "gone" }));
  });

  test("R58 in the middle of its body: counted, nothing decided", async () => {
    const { decide, asked } = pending();
    await using webhook = await startWebhook({ validate: decide });
    const socket = await open(webhook);
    const body = JSON.stringify(policyReview());
    socket.write(head(body) + body.slice(0, 100));
    await sleep(50);
    socket.destroy();
    await until(
      "it is counted",
      async () => (await webhook.sample("ringfence_admission_client_gone_total")) === 1,
    );
    expect(asked()).toBe(0);
  });
});

describe("R59: size", () => {
  test("R59 an object and an old object of 3 MiB each are accepted", async () => {
    await using webhook = await startWebhook();
    const annotations = { big: "<".repeat(3 * 1024 * 1024) };
    const object = policy("api", { metadata: { name: "api", namespace: "shop", annotations } });
    const answer = await post(webhook, policyReview({ operation: "UPDATE", object, oldObject: object }));
    expect(responseOf(answer)).toEqual({ uid, allowed: true });
  });

  test.each([
    ["announced by content-length", true],
    ["sent in chunks", false],
  ])("R59 above 16 MiB, %s: 413 and counted", async (_, announced) => {
    await using webhook = await startWebhook();
    const socket = await open(webhook);
    const length = 17 * 1024 * 1024;
    const framing = announced ? `content-length: ${length}` : "transfer-encoding: chunked";
    socket.write(
      `POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`,
    );
    const answer = readToEnd(socket);
    if (!announced) {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      for (let sent = 0; sent < 17; sent++) {
        socket.write(`${chunk.length.toString(16)}\r\n`);
        socket.write(chunk);
        socket.write("\r\n");
      }
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(await webhook.sample("ringfence_admission_body_too_large_total")).toBe(1);
    expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  });
});

test("R61 beyond the limit of requests waited for: 503 at once, without Retry-After, and the others are answered", async () => {
  const { decide, release, asked } = pending();
  await using webhook = await startWebhook({ validate: decide, inFlightLimit: 2 });
  const waiting = [post(webhook, policyReview()), post(webhook, policyReview())];
  await until("two are waited for", () => asked() === 2);
  const refused = await post(webhook, policyReview());
  expect(refused.status).toBe(503);
  expect(refused.headers["retry-after"]).toBeUndefined();
  expect(asked()).toBe(2);
  expect(await webhook.sample("ringfence_admission_in_flight")).toBe(2);
  release(allowed);
  for (const answer of await Promise.all(waiting)) expect(responseOf(answer).allowed).toBe(true);
  expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  expect(await webhook.sample("ringfence_admission_failures_total", { code: "RF_ERR_OVERLOAD" })).toBe(1);
});

test("R61 the limit holds among requests that come in one turn: each counts those before it", async () => {
  const { decide, release, asked } = pending();
  await using webhook = await startWebhook({ validate: decide, inFlightLimit: 2 });
  const socket = await open(webhook);
  const read = readToEnd(socket);
  const body = JSON.stringify(policyReview());
  const last = head(body).replace("\r\n", "\r\nconnection: close\r\n") + body;
  // In one write: the parser hands all four on before any of them is looked at.
  socket.write((head(body) + body).repeat(3) + last);
  const refused = { code: "RF_ERR_OVERLOAD" };
  await until("two are refused", async () => {
    return (await webhook.sample("ringfence_admission_failures_total", refused)) === 2;
  });
  expect(asked()).toBe(2);
  release(allowed);
  expect((await read).match(/HTTP\/1\.1 \d+/g)).toEqual(
    [200, 200, 503, 503].map((code) => `HTTP/1.1 ${code}`),
  );
  expect(webhook.load.inFlight).toBe(0);
});

describe("what is no HTTP", () => {
  test.each([
    ["garbage", "garbage\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["a huge header", `GET / HTTP/1.1\r\nx: ${"y".repeat(100_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    [
      "two content lengths",
      "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
      /^HTTP\/1\.1 400 /,
    ],
  ])("%s is refused and ends the connection", async (_, text, answer) => {
    await using webhook = await startWebhook();
    const socket = await open(webhook);
    const read = readToEnd(socket);
    socket.write(text);
    expect(await read).toMatch(answer);
    expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  });

  test("a body that never comes ends in 408", async () => {
    await using webhook = await startWebhook({
      timeouts: { ...defaultTimeouts, request: 300, headers: 300, check: 50 },
    });
    const socket = await open(webhook);
    const read = readToEnd(socket);
    socket.write(head(JSON.stringify(policyReview())));
    expect(await read).toMatch(/^HTTP\/1\.1 408 /);
  });
});
