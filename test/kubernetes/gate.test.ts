import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { afterLists, createGate } from "#src/kubernetes/gate.ts";

test("lets no more than the limit run, and the rest after them, in order", async () => {
  const gate = createGate(2);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const work = [0, 1, 2, 3].map((index) =>
    gate.run(async () => {
      started.push(index);
      await new Promise<void>((resolve) => finish.push(resolve));
    }, new AbortController().signal),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  finish[1]?.();
  await work[1];
  await expect.poll(() => started).toEqual([0, 1, 2]);
  finish[0]?.();
  await expect.poll(() => started).toEqual([0, 1, 2, 3]);
  finish[2]?.();
  finish[3]?.();
  await Promise.all(work);
});

test("is idle when nothing runs or waits, however the work ended", async () => {
  const gate = createGate(1);
  const { signal } = new AbortController();
  await gate.idle(signal);
  const ended: string[] = [];
  const finish: (() => void)[] = [];
  const work = ["first", "second"].map((name) =>
    gate.run(() => new Promise<void>((resolve) => finish.push(resolve)), signal).then(() => ended.push(name)),
  );
  const failing = gate.run(() => Promise.reject(new Error("failed")), signal);
  const idle = gate.idle(signal).then(() => ended.push("idle"));
  for (const index of [0, 1]) {
    await expect.poll(() => finish).toHaveLength(index + 1);
    finish[index]?.();
  }
  await expect(failing).rejects.toThrow("failed");
  await Promise.all([...work, idle]);
  expect(ended).toEqual(["first", "second", "idle"]);
});

test("those that wait until it is idle go on in turns of their own, and not while it is busy again", async () => {
  const gate = createGate(1);
  const { signal } = new AbortController();
  const finish: (() => void)[] = [];
  const work = (): Promise<void> =>
    gate.run(() => new Promise<void>((resolve) => finish.push(resolve)), signal);
  const first = work();
  const told: string[] = [];
  const idle = ["a", "b", "c"].map((name) => gate.idle(signal).then(() => void told.push(name)));
  await Promise.resolve();
  finish[0]?.();
  await first;
  expect(told).toEqual(["a"]);
  await turn();
  expect(told).toEqual(["a", "b"]);
  const second = work();
  await turn();
  expect(told).toEqual(["a", "b"]);
  finish[1]?.();
  await Promise.all([second, ...idle]);
  expect(told).toEqual(["a", "b", "c"]);
});

test("who waits until it is idle goes on when aborted, and leaves nobody behind", async () => {
  const gate = createGate(1);
  const stop = new AbortController();
  const { signal } = new AbortController();
  const finish: (() => void)[] = [];
  const work = gate.run(() => new Promise<void>((resolve) => finish.push(resolve)), signal);
  const impatient = gate.idle(stop.signal);
  const patient = gate.idle(signal);
  stop.abort();
  await impatient;
  await gate.idle(stop.signal);
  await expect.poll(() => finish).toHaveLength(1);
  finish[0]?.();
  await Promise.all([work, patient]);
});

test("work that ends between two turns does not make it one more turn for all", async () => {
  const gate = createGate(1);
  const { signal } = new AbortController();
  const first = gate.run(() => turn(), signal);
  let told = 0;
  const idle = Array.from({ length: 6 }, () => gate.idle(signal).then(() => void (told += 1)));
  await first;
  for (let expected = 1; expected <= 6; expected++) {
    expect(told).toBe(expected);
    await gate.run(() => Promise.resolve(), signal);
    await turn();
  }
  await Promise.all(idle);
});

test("work that fails makes room, and work that was aborted while it waited does not run", async () => {
  const gate = createGate(1);
  const stop = new AbortController();
  const failing = gate.run(() => Promise.reject(new Error("failed")), new AbortController().signal);
  const aborted = gate.run(() => Promise.resolve("ran"), stop.signal);
  stop.abort(new Error("stopped"));
  await expect(failing).rejects.toThrow("failed");
  await expect(aborted).rejects.toThrow("stopped");
  expect(await gate.run(() => Promise.resolve("ran"), new AbortController().signal)).toBe("ran");
});

test("what comes after lists waits for them, two seconds at most, and not once it is aborted", async () => {
  const sleeping: { milliseconds: number; wake: () => void; ended: boolean }[] = [];
  const clock = {
    now: () => 0,
    sleep: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const sleeper = { milliseconds, wake: resolve, ended: false };
        sleeping.push(sleeper);
        signal.addEventListener("abort", () => {
          sleeper.ended = true;
          resolve();
        });
      }),
  };
  const { signal } = new AbortController();
  const stop = new AbortController();
  const gate = createGate(1);
  const finish: (() => void)[] = [];
  const work = gate.run(() => new Promise<void>((resolve) => finish.push(resolve)), signal);
  const over: string[] = [];
  const waiting = ["first", "late", "aborted"].map((name) =>
    afterLists(gate, clock, name === "aborted" ? stop.signal : signal).then(() => void over.push(name)),
  );
  await turn();
  expect(over).toEqual([]);
  expect(sleeping.map(({ milliseconds }) => milliseconds)).toEqual([2_000, 2_000, 2_000]);
  stop.abort();
  await turn();
  expect(over).toEqual(["aborted"]);
  sleeping[1]?.wake();
  await turn();
  expect(over).toEqual(["aborted", "late"]);
  finish[0]?.();
  await Promise.all([work, ...waiting]);
  expect(over).toEqual(["aborted", "late", "first"]);
  // No timer is left behind.
  expect(sleeping.map(({ ended }) => ended)).toEqual([true, true, true]);
  const before = sleeping.length;
  await afterLists(gate, clock, stop.signal);
  expect(sleeping).toHaveLength(before);
});
