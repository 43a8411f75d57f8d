import { describe, expect, it } from "vitest";
import { hold, holdSlots, type HoldOptions } from "#src/admission/hold.ts";

/** Something that happens now and then, and who waits for it. */
class Event {
  readonly #waiting = new Set<() => void>();

  get waiting(): number {
    return this.#waiting.size;
  }

  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      if (signal.aborted) {
        resolve();
        return;
      }
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  happen(): void {
    for (const done of [...this.#waiting]) done();
  }
}

const never = new AbortController().signal;

/** A hold that is far from its limit unless said otherwise, on answers that are open while they are below zero. */
function held(ask: () => number, event: Event, change: Partial<HoldOptions<number>> = {}) {
  return hold({
    ask,
    open: (answer) => answer < 0,
    changed: (signal) => event.wait(signal),
    limit: 60_000,
    signal: never,
    slots: holdSlots(() => 100),
    ...change,
  });
}

describe("hold", () => {
  it("does not wait where the answer is settled", async () => {
    const event = new Event();
    expect(await held(() => 1, event)).toEqual({ answer: 1, held: undefined });
    expect(event.waiting).toBe(0);
  });

  it("asks again at each change until the answer is settled", async () => {
    const event = new Event();
    let state = -1;
    const asked: number[] = [];
    const answer = held(() => {
      asked.push(state);
      return state;
    }, event);
    await settledTurns();
    state = -2;
    event.happen();
    await settledTurns();
    expect(event.waiting).toBe(1);
    state = 7;
    event.happen();
    expect(await answer).toMatchObject({ answer: 7, held: expect.any(Number) as number });
    expect(asked).toEqual([-1, -1, -2, 7]);
    expect(event.waiting).toBe(0);
  });

  it("misses no change between asking and waiting", async () => {
    const event = new Event();
    let state = -1;
    let asked = 0;
    const answer = held(() => {
      asked += 1;
      const seen = state;
      // The cure comes while the question is being answered, when nobody could wait for it any more.
      if (asked === 2) {
        state = 1;
        event.happen();
      }
      return seen;
    }, event);
    expect((await answer).answer).toBe(1);
  });

  it("gives the last answer when time is up", async () => {
    const event = new Event();
    let state = -1;
    const answer = held(() => (state -= 1), event, { limit: 20 });
    expect((await answer).answer).toBe(-4);
    expect(event.waiting).toBe(0);
  });

  it.each([
    ["no time is given", { limit: 0 }],
    ["the request is over", { signal: AbortSignal.abort() }],
    ["no slot is free", { slots: holdSlots(() => 0) }],
  ])("does not wait where %s", async (_, change) => {
    const event = new Event();
    expect(await held(() => -1, event, change)).toEqual({ answer: -1, held: undefined });
    expect(event.waiting).toBe(0);
  });

  it("ends with the request", async () => {
    const event = new Event();
    const request = new AbortController();
    const answer = held(() => -1, event, { signal: request.signal });
    await settledTurns();
    expect(event.waiting).toBe(1);
    request.abort();
    expect((await answer).answer).toBe(-1);
    expect(event.waiting).toBe(0);
  });

  it("gives its slot back, also when asking fails", async () => {
    const event = new Event();
    const slots = holdSlots(() => 1);
    let asked = 0;
    const failing = held(
      () => {
        asked += 1;
        if (asked > 1) throw new Error("time is up");
        return -1;
      },
      event,
      { slots },
    );
    await expect(failing).rejects.toThrow("time is up");
    expect(event.waiting).toBe(0);
    expect(slots.take()).toBe(true);
  });
});

describe("slots", () => {
  it("are as many as the limit says, when it is asked", () => {
    let limit = 2;
    const slots = holdSlots(() => limit);
    expect([slots.take(), slots.take(), slots.take()]).toEqual([true, true, false]);
    slots.give();
    expect(slots.take()).toBe(true);
    limit = 3;
    expect([slots.take(), slots.take()]).toEqual([true, false]);
  });
});

/** Lets everything run that is ready to: promises are settled in the turn of the loop in which they can be. */
function settledTurns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
