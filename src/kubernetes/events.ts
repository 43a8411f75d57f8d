import { createHash } from "node:crypto";
import { ApiError } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import { microTime } from "./micro-time.ts";
import { mergePatch, type KubernetesWriter } from "./writer.ts";

/** Something that happened to a Namespace, for people. */
export interface NamespaceEvent {
  readonly name: string;
  readonly uid: string;
  /** One CamelCase word, of a closed set. */
  readonly reason: string;
  readonly type: "Normal" | "Warning";
  readonly note: string;
}

/**
 * Events of events.k8s.io/v1: one for each namespace and reason, whose series grows where it happens again. They are sent
 * slowly and as well as it can be done: what happens meanwhile is counted.
 */
export interface NamespaceEvents {
  tell(event: NamespaceEvent): void;
  /** Sends until the signal is aborted. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface NamespaceEventsOptions {
  readonly writer: Pick<KubernetesWriter, "send">;
  readonly clock: Clock;
  readonly date: () => Date;
  /** Who reports: the replica. */
  readonly instance: string;
  readonly onError: (error: unknown) => void;
}

/** Events of cluster-scoped objects stand there. */
const path = "/apis/events.k8s.io/v1/namespaces/default/events";
const controller = "ringfence.dev/companions";

/** Milliseconds. */
const betweenRequests = 200;
const betweenUpdates = 60_000;
/** After so long without being sent an Event may be gone from the API server, which keeps them for an hour. */
const forgotten = 1_800_000;
/** Requests that may be made at once after a quiet time. */
const burst = 25;
/** So many are remembered; the oldest are forgotten first. */
const mostRemembered = 10_000;
/** Bytes; the API server takes 1 024. */
const longestNote = 1_000;

interface Remembered {
  event: NamespaceEvent;
  name: string | undefined;
  count: number;
  sentAt: number;
}

export function namespaceEvents(options: NamespaceEventsOptions): NamespaceEvents {
  return new Book(options);
}

class Book implements NamespaceEvents {
  readonly #options: NamespaceEventsOptions;
  readonly #remembered = new Map<string, Remembered>();
  readonly #waiting = new Set<string>();
  #wake = new AbortController();

  constructor(options: NamespaceEventsOptions) {
    this.#options = options;
  }

  tell(event: NamespaceEvent): void {
    const key = `${event.uid}/${event.reason}`;
    const now = this.#options.clock.now();
    const known = this.#remembered.get(key);
    // The note of an Event never changes: another note is another Event, though not at once.
    const isOld = (age: number): boolean =>
      age > forgotten || (age > betweenUpdates && known?.event.note !== event.note);
    if (known === undefined || (known.name !== undefined && isOld(now - known.sentAt))) {
      this.#remembered.delete(key);
      this.#remembered.set(key, { event, name: undefined, count: 1, sentAt: -Infinity });
    } else known.count += 1;
    this.#forgetOldest();
    this.#waiting.add(key);
    this.#wake.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let tokens = burst;
    let last = clock.now();
    while (!signal.aborted) {
      const now = clock.now();
      tokens = Math.min(burst, tokens + (now - last) / betweenRequests);
      last = now;
      const key = this.#next(now);
      if (key === undefined) {
        this.#wake = new AbortController();
        const pause = this.#waiting.size === 0 ? 2 ** 30 : 1_000;
        await clock.sleep(pause, AbortSignal.any([signal, this.#wake.signal]));
      } else if (tokens < 1) {
        await clock.sleep(betweenRequests, signal);
      } else {
        tokens -= 1;
        this.#waiting.delete(key);
        await this.#send(key, signal);
      }
    }
  }

  #next(now: number): string | undefined {
    for (const key of this.#waiting) {
      const known = this.#remembered.get(key);
      if (known === undefined) this.#waiting.delete(key);
      else if (now - known.sentAt >= betweenUpdates) return key;
    }
    return undefined;
  }

  async #send(key: string, signal: AbortSignal): Promise<void> {
    const { writer, clock, date, instance, onError } = this.#options;
    const known = this.#remembered.get(key);
    if (known === undefined) return;
    known.sentAt = clock.now();
    try {
      if (known.name === undefined) {
        const body = eventOf(known, instance, microTime(date()));
        await writer.send({ method: "POST", path, body }, signal);
        known.name = body.metadata.name;
      } else {
        const series = { count: known.count, lastObservedTime: microTime(date()) };
        const request = { path: `${path}/${known.name}`, contentType: mergePatch, body: { series } };
        await writer.send({ method: "PATCH", ...request }, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status === 404) known.name = undefined;
      else onError(error);
    }
  }

  #forgetOldest(): void {
    for (const key of this.#remembered.keys()) {
      if (this.#remembered.size <= mostRemembered) return;
      this.#remembered.delete(key);
    }
  }
}

/** The Event as it is created, at `time`. */
function eventOf({ event, count }: Pick<Remembered, "event" | "count">, instance: string, time: string) {
  const { name, uid, reason, type, note } = event;
  const id = createHash("sha256").update(`${uid}/${reason}/${time}`).digest("hex").slice(0, 16);
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: `${name}.${id}`, namespace: "default" },
    eventTime: time,
    reportingController: controller,
    reportingInstance: instance.slice(0, 128),
    action: "Reconcile",
    reason,
    type,
    note: cut(note, longestNote),
    regarding: { apiVersion: "v1", kind: "Namespace", name, uid },
    ...(count > 1 && { series: { count, lastObservedTime: time } }),
  };
}

/** The text as far as so many bytes, without a character that would be cut in two. */
function cut(text: string, bytes: number): string {
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD$/, "");
}
