import { expect, test } from "vitest";
import { ApiError } from "#src/kubernetes/api-error.ts";
import { namespaceEvents, type NamespaceEvent } from "#src/kubernetes/events.ts";
import type { WriteRequest } from "#src/kubernetes/writer.ts";
import { ManualClock } from "../companions/world.ts";

const failing: NamespaceEvent = {
  name: "shop",
  uid: "1",
  reason: "CompanionsFailing",
  type: "Warning",
  note: "refused",
};

/** Events that are sent while time goes on, and what becomes of the next requests. */
function telling() {
  const clock = new ManualClock();
  const sent: WriteRequest[] = [];
  const errors: unknown[] = [];
  const fates: Error[] = [];
  const stopping = new AbortController();
  const events = namespaceEvents({
    writer: {
      send: (request) => {
        sent.push(request);
        const fate = fates.shift();
        return fate === undefined ? Promise.resolve({}) : Promise.reject(fate);
      },
    },
    clock,
    date: () => new Date(Date.UTC(2026, 10, 21) + clock.time),
    instance: "ringfence-0",
    onError: (error) => errors.push(error),
  });
  const done = events.run(stopping.signal);
  const end = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  return { clock, sent, errors, fates, events, end };
}

const methods = (sent: readonly WriteRequest[]): string[] => sent.map(({ method }) => method);

test("one Event for a namespace and reason, whose series grows, once in a minute at most", async () => {
  const { clock, sent, events, end } = telling();
  events.tell(failing);
  await clock.pass(1_000);
  for (let second = 0; second < 130; second += 1) {
    events.tell(failing);
    await clock.pass(1_000);
  }
  await end();
  expect(methods(sent)).toEqual(["POST", "PATCH", "PATCH"]);
  expect(sent[0]?.body).toMatchObject({
    metadata: { namespace: "default" },
    eventTime: "2026-11-21T00:00:00.000000Z",
    regarding: { kind: "Namespace", name: "shop", uid: "1" },
    reportingInstance: "ringfence-0",
    note: "refused",
  });
  expect(sent[2]?.body).toMatchObject({ series: { count: 120 } });
});

test("another note is another Event, and so is one whose Event is gone", async () => {
  const { clock, sent, fates, events, end } = telling();
  events.tell(failing);
  await clock.pass(61_000);
  events.tell({ ...failing, note: "refused otherwise" });
  await clock.pass(61_000);
  fates.push(new ApiError(404, "not found"));
  events.tell({ ...failing, note: "refused otherwise" });
  await clock.pass(61_000);
  events.tell({ ...failing, note: "refused otherwise" });
  await clock.pass(61_000);
  await end();
  expect(methods(sent)).toEqual(["POST", "POST", "PATCH", "POST"]);
});

test("what cannot be written is told, and ends nothing", async () => {
  const { clock, sent, errors, fates, events, end } = telling();
  const refusal = new Error("refused");
  fates.push(refusal);
  events.tell(failing);
  events.tell({ ...failing, name: "other", uid: "2" });
  await clock.pass(1_000);
  await end();
  expect(errors).toEqual([refusal]);
  expect(methods(sent)).toEqual(["POST", "POST"]);
});

test("a long note is cut to the bytes that the API server takes, between characters", async () => {
  const { clock, sent, events, end } = telling();
  events.tell({ ...failing, note: `a${"ü".repeat(1_000)}` });
  await clock.pass(1_000);
  await end();
  const { note } = sent[0]?.body as { readonly note: string };
  expect(note).toBe(`a${"ü".repeat(499)}`);
});
