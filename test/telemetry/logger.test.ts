import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as textOf } from "node:stream/consumers";
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
  await logger.flush();
  expect((await text()).trimEnd().split("\n")).toHaveLength(1_000);
});

test("long lines and every script arrive whole and in order, wherever what is gathered ends", async () => {
  const { logger, text } = await logTo("info");
  const words = ["x", "ü€𝄞".repeat(3_000), "y".repeat(200_000), "網路".repeat(9_000), "z"];
  const sent = Array.from({ length: 40 }, (_, line) => words[line % words.length] ?? "");
  for (const word of sent) logger.log.info({ word }, "said");
  await logger.flush();
  const lines = (await text()).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { word: string }).word)).toEqual(sent);
});

/** A process of its own that logs far more than a pipe holds to its stderr, and then does what `end` says. */
function logThen(end: string) {
  const script = `
    import { createLogger } from "./src/telemetry/logger.ts";
    const { log, flush } = createLogger("info");
    for (let line = 0; line < 10_000; line++) log.info({ line }, "x".repeat(200));
    ${end}`;
  return spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "ignore", "pipe"],
  });
}

test("a pipe that is full over and over loses nothing on flush", async () => {
  const text = await textOf(logThen("await flush(); process.exit(0);").stderr);
  const numbers = text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { line: number }).line);
  expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, line) => line));
});

test.each([
  ["await flush(); process.exit(3);", 3],
  ["process.exit(3);", 3],
  ['throw new Error("nobody caught it");', 1],
])("a pipe that nobody reads does not keep the process: %s", { timeout: 30_000 }, async (end, code) => {
  const child = logThen(end);
  onTestFinished(() => void child.kill("SIGKILL"));
  expect(await once(child, "exit")).toEqual([code, null]);
});
