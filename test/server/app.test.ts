import { createHook } from "node:async_hooks";
import { createRequire } from "node:module";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { policyReview, responseOf } from "./reviews.ts";
import { post, startWebhook } from "./webhook.ts";

test("serves without ajv, which Fastify would load at the start", async () => {
  await using webhook = await startWebhook();
  expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((file) => file.endsWith("/fastify/fastify.js"))).toHaveLength(1);
  expect(loaded.filter((file) => /ajv/.test(file))).toEqual([]);
});

test("while it serves, one of the ticks of Node lives on through full collections", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const ticks: WeakRef<object>[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "TickObject") ticks.push(new WeakRef(resource));
    },
  });
  const alive = async (): Promise<number> => {
    for (let collections = 0; collections < 4; collections++) {
      await turn();
      collect();
    }
    return ticks.filter((tick) => tick.deref() !== undefined).length;
  };
  hook.enable();
  const webhook = await startWebhook();
  hook.disable();
  expect(await alive()).toBe(1);
  await webhook[Symbol.asyncDispose]();
  expect(await alive()).toBe(0);
});
