import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./lock.ts";

let directory = "";
let path = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ringfence-lock-"));
  path = join(directory, "lock");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const goOn = (): boolean => false;
const giveUp = (): boolean => true;

async function holdBy(owner: object): Promise<void> {
  await mkdir(path);
  await writeFile(join(path, "owner.json"), JSON.stringify(owner));
}

test("only one holds it at a time, and the other comes after", async () => {
  const order: string[] = [];
  let waited = 0;
  const first = Promise.withResolvers<undefined>();
  const entered = Promise.withResolvers<undefined>();
  const holding = withLock(path, goOn, async () => {
    order.push("first in");
    entered.resolve(undefined);
    await first.promise;
    order.push("first out");
  });
  await entered.promise;
  const second = withLock(
    path,
    (holder) => {
      expect(holder).toContain(String(process.pid));
      waited += 1;
      first.resolve(undefined);
      return false;
    },
    () => {
      order.push("second in");
      return Promise.resolve("done");
    },
  );
  await holding;
  expect(await second).toBe("done");
  expect(order).toEqual(["first in", "first out", "second in"]);
  expect(waited).toBeGreaterThan(0);
  expect(existsSync(path)).toBe(false);
});

test("it is let go when the work throws", async () => {
  await expect(withLock(path, goOn, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(existsSync(path)).toBe(false);
});

test("who waits may give up, and then does no work", async () => {
  await holdBy({ pid: process.pid, host: hostname() });
  expect(await withLock(path, giveUp, () => Promise.resolve("worked"))).toBeUndefined();
});

test("the lock of a process that has died is taken over", async () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  await holdBy({ pid, host: hostname() });
  expect(await withLock(path, giveUp, () => Promise.resolve("worked"))).toBe("worked");
});

test("on another machine the age decides", async () => {
  await holdBy({ pid: 1, host: "elsewhere.example" });
  expect(await withLock(path, giveUp, () => Promise.resolve("worked"))).toBeUndefined();
  const old = new Date(Date.now() - 3_600_000);
  await utimes(path, old, old);
  expect(await withLock(path, giveUp, () => Promise.resolve("worked"))).toBe("worked");
});
