import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { policyReview, responseOf } from "./reviews.ts";
import { ticksOf } from "./ticks.ts";
import { post, startWebhook } from "./webhook.ts";

test("serves without ajv, which Fastify would load at the start", async () => {
  await using webhook = await startWebhook();
  expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((file) => file.endsWith("/fastify/fastify.js"))).toHaveLength(1);
  expect(loaded.filter((file) => /ajv/.test(file))).toEqual([]);
});

test("while it serves, one of the ticks of Node lives on through full collections", async () => {
  const { ticks, made: webhook } = await ticksOf(() => startWebhook());
  expect(await ticks.left()).toBe(1);
  await webhook[Symbol.asyncDispose]();
  expect(await ticks.left()).toBe(0);
});
