import { describe, expect, test } from "vitest";
import { createQueue, type QueueOptions, type Worked, type WorkQueue } from "#src/companions/queue.ts";
import { ManualClock, settled } from "./world.ts";

interface Begun {
  readonly key: string;
  end(worked?: Worked): Promise<void>;
  fail(error: Error): Promise<void>;
}

function start(options: Partial<QueueOptions> = {}): {
  queue: WorkQueue;
  clock: ManualClock;
  begun: Begun[];
  errors: unknown[];
  stop: () => Promise<void>;
} {
  const clock = new ManualClock();
  const begun: Begun[] = [];
  const errors: unknown[] = [];
  const stopping = new AbortController();
  const queue = createQueue({
    work: (key) =>
      new Promise((resolve, reject) => {
        begun.push({
          key,
          end: (worked = {}) => (resolve(worked), settled()),
          fail: (error) => (reject(error), settled()),
        });
      }),
    onError: (_key, error) => errors.push(error),
    concurrency: 2,
    backoff: { first: 100, cap: 1_000 },
    clock,
    random: () => 0.999_999,
    ...options,
  });
  const done = queue.run(stopping.signal);
  return {
    queue,
    clock,
    begun,
    errors,
    stop: async () => {
      stopping.abort();
      for (const each of begun) await each.end();
      await done;
    },
  };
}

const keysOf = (begun: readonly Begun[]): string[] => begun.map(({ key }) => key);

describe("a queue of keys", () => {
  test("works on each key once, however often it was added, and on so many at once", async () => {
    const { queue, begun, stop } = start();
    for (const key of ["a", "b", "c", "a", "c"]) queue.add(key);
    expect(keysOf(begun)).toEqual(["a", "b"]);
    await begun[1]?.end();
    expect(keysOf(begun)).toEqual(["a", "b", "c"]);
    await stop();
    expect(keysOf(begun)).toEqual(["a", "b", "c"]);
  });

  test("works again on a key that changed while it was worked on, and never twice at once", async () => {
    const { queue, begun, stop } = start();
    queue.add("a");
    queue.add("a");
    queue.add("a");
    expect(keysOf(begun)).toEqual(["a"]);
    await begun[0]?.end();
    expect(keysOf(begun)).toEqual(["a", "a"]);
    await begun[1]?.end();
    expect(keysOf(begun)).toEqual(["a", "a"]);
    expect(queue.length).toBe(0);
    await stop();
  });

  test("R80: one that fails waits longer each time, whatever is added, and holds no other up", async () => {
    const { queue, clock, begun, errors, stop } = start();
    queue.add("a");
    await begun[0]?.fail(new Error("broken"));
    expect(errors).toHaveLength(1);
    queue.add("a");
    queue.add("b");
    expect(keysOf(begun)).toEqual(["a", "b"]);
    await begun[1]?.end();
    for (const wait of [100, 200, 400, 800, 1_000, 1_000]) {
      await clock.pass(wait - 2);
      queue.add("a");
      const before = begun.length;
      await clock.pass(3);
      expect(begun).toHaveLength(before + 1);
      await begun.at(-1)?.end({ failed: { retryAfter: 0 } });
    }
    await clock.pass(1_000);
    await begun.at(-1)?.end();
    // It got on: the next failure is the first again.
    queue.add("a");
    await begun.at(-1)?.end({ failed: { retryAfter: 0 } });
    const before = begun.length;
    await clock.pass(101);
    expect(begun).toHaveLength(before + 1);
    await stop();
  });

  test("waits as long as it was asked to (Retry-After)", async () => {
    const { queue, clock, begun, stop } = start();
    queue.add("a");
    await begun[0]?.end({ failed: { retryAfter: 5_000 } });
    await clock.pass(4_999);
    expect(begun).toHaveLength(1);
    await clock.pass(2);
    expect(begun).toHaveLength(2);
    await stop();
  });

  test("looks again when it was told to, and at once where the key changes before", async () => {
    const { queue, clock, begun, stop } = start();
    queue.add("a");
    await begun[0]?.end({ again: 1_000 });
    await clock.pass(999);
    expect(begun).toHaveLength(1);
    queue.add("a");
    expect(begun).toHaveLength(2);
    await begun[1]?.end();
    await clock.pass(10_000);
    expect(begun).toHaveLength(2);
    await stop();
  });

  test("begins nothing after the end, and ends when what it began has ended", async () => {
    const { queue, begun, stop } = start({ concurrency: 1 });
    queue.add("a");
    queue.add("b");
    await stop();
    queue.add("c");
    await settled();
    expect(keysOf(begun)).toEqual(["a"]);
  });
});
