import { expect, test } from "vitest";
import { ApiError } from "#src/kubernetes/api-error.ts";
import { noFailures, recover, type Failures } from "#src/kubernetes/recovery.ts";

const backoff = { first: 500, cap: 20_000, forbidden: 60_000 };
const after = (count: number, refused = 0): Failures => ({ count, refused });

test("a lost connection is resumed where it broke, later and later, up to the cap", () => {
  const error = new Error("ECONNRESET");
  const waits = [0, 1, 2, 5, 20].map((count) => recover(error, after(count), backoff, 0).wait);
  expect(waits).toEqual([250, 500, 1_000, 8_000, 10_000]);
  expect(recover(error, after(20), backoff, 0.999).wait).toBeLessThan(20_000);
  expect(recover(error, after(20), backoff, 0).relist).toBe(false);
});

test("history that has passed is listed anew, at once the first time", () => {
  const gone = new ApiError(410, "Expired");
  expect(recover(gone, noFailures, backoff, 0)).toMatchObject({ wait: 0, relist: true });
  expect(recover(gone, after(3), backoff, 0)).toMatchObject({ wait: 2_000, relist: true });
});

test("an API server that goes on answering with errors is asked for a list", () => {
  const error = new ApiError(504, "Too large resource version");
  expect(recover(error, after(3), backoff, 0).relist).toBe(false);
  expect(recover(error, after(4), backoff, 0).relist).toBe(true);
});

test("Retry-After is waited for, but not for ever", () => {
  expect(recover(new ApiError(429, "", 7_000), noFailures, backoff, 0.5).wait).toBe(7_000);
  expect(recover(new ApiError(429, "", 3_600_000), noFailures, backoff, 0.5).wait).toBe(60_000);
});

test("a refusal is believed the third time in a row, and then asked again slowly", () => {
  const refusal = new ApiError(403, "forbidden");
  const first = recover(refusal, noFailures, backoff, 0);
  const second = recover(refusal, first.failures, backoff, 0);
  const third = recover(refusal, second.failures, backoff, 0);
  expect([first.forbidden, second.forbidden, third.forbidden]).toEqual([false, false, true]);
  expect(third).toMatchObject({ wait: 30_000, relist: true });
  const between = recover(new Error("ECONNRESET"), second.failures, backoff, 0);
  expect(recover(refusal, between.failures, backoff, 0).forbidden).toBe(false);
});
