import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLogger, type ServerLogger } from "#src/telemetry/logger.ts";
import { until } from "../server/webhook.ts";

async function logTo(
  level: "debug" | "info",
): Promise<{ logger: ServerLogger; text: () => Promise<string> }> {
  const directory = await mkdtemp(join(tmpdir(), "ringfence-log-"));
  const path = join(directory, "log");
  const file = await open(path, "a");
  onTestFinished(async () => {
    await file.close();
    await rm(directory, { recursive: true });
  });
  return { logger: createLogger(level, file.fd), text: () => readFile(path, "utf8") };
}

test("one line of JSON each, level by name, a single line without waiting for more", async () => {
  const { logger, text } = await logTo("info");
  logger.log.debug("not written");
  logger.log.info({ uid: "u" }, "admission");
  await until("it is written", async () => (await text()) !== "");
  const lines = (await text()).trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "info",
    time: expect.any(Number) as number,
    uid: "u",
    msg: "admission",
  });
});

test("lines are gathered, none is lost on flush", async () => {
  const { logger, text } = await logTo("debug");
  for (let line = 0; line < 1_000; line++) logger.log.debug({ line }, "x");
  logger.flush();
  expect((await text()).trimEnd().split("\n")).toHaveLength(1_000);
});
