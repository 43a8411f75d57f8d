import { ApiError } from "#src/kubernetes/api-error.ts";
import type { Clock } from "#src/kubernetes/clock.ts";
import type { LeaseStore } from "#src/kubernetes/lease-store.ts";
import {
  standForLease,
  type Election,
  type ElectionEvent,
  type Leading,
  type LeaseTiming,
} from "#src/kubernetes/lease.ts";
import type { Lease } from "#src/wire/lease.ts";

/** What becomes of one request, in true milliseconds. */
export interface Fate {
  /** Until it reaches the API server; undefined: it never does. */
  readonly there: number | undefined;
  /** Until the answer is back; undefined: it is lost. */
  readonly back: number | undefined;
}

export interface CandidateOptions {
  readonly identity: string;
  /** Added to the true time, and how fast its clock goes. */
  readonly offset?: number;
  readonly rate?: number;
  /** In which the whole process stands still: from and to, in true milliseconds, in order. */
  readonly pauses?: readonly (readonly [number, number])[];
  readonly fate?: () => Fate;
  readonly random?: () => number;
  readonly timing?: LeaseTiming;
  readonly work?: (leading: Leading) => Promise<void>;
}

export interface SimulatedCandidate {
  readonly identity: string;
  readonly election: Election;
  readonly events: readonly ElectionEvent[];
  /** Whether it would write now, if it ran now. */
  holds(): boolean;
  stop(): void;
}

const tenth: LeaseTiming = { duration: 15_000, hold: 10_000, retry: 2_000, forbidden: 30_000 };

/** A world with a true time, one lease, and candidates whose clocks, connections and processes are as bad as one likes. */
export class LeaseWorld {
  /** The true time. */
  time = 0;
  lease: Lease | undefined = undefined;
  /** Instead of every answer. */
  refusal: number | undefined = undefined;
  readonly candidates: SimulatedCandidate[] = [];
  #version = 0;
  #due: { readonly at: number; readonly act: () => void }[] = [];

  at(time: number, act: () => void): void {
    this.#due.push({ at: time, act });
  }

  join(options: CandidateOptions): SimulatedCandidate {
    const { identity, pauses = [], fate = () => ({ there: 1, back: 1 }), work = untilAborted } = options;
    const events: ElectionEvent[] = [];
    const stopping = new AbortController();
    let leading: Leading | undefined;
    const clock = this.#clock(options);
    const store = this.#store((time) => awake(pauses, time), fate);
    const { random = () => 0.5, timing = tenth } = options;
    const election = standForLease(
      {
        store,
        identity,
        clock,
        random,
        timing,
        date: () => new Date(0),
        observer: (event) => events.push(event),
      },
      async (mine) => {
        leading = mine;
        await work(mine);
      },
      stopping.signal,
    );
    const candidate: SimulatedCandidate = {
      identity,
      election,
      events,
      holds: () => (leading?.remaining() ?? 0) > 0,
      stop: () => stopping.abort(new Error("stopped")),
    };
    this.candidates.push(candidate);
    return candidate;
  }

  /** Goes on to this time; `look` is called after each thing that happens. */
  async run(until: number, look: () => void = () => undefined): Promise<void> {
    await settled();
    for (;;) {
      const next = Math.min(...this.#due.map(({ at }) => at));
      if (!(next <= until)) break;
      const index = this.#due.findIndex(({ at }) => at === next);
      const [event] = this.#due.splice(index, 1);
      this.time = Math.max(this.time, next);
      event?.act();
      await settled();
      look();
    }
    this.time = until;
    look();
  }

  /** Those that would write now. */
  holders(): string[] {
    return this.candidates.filter((candidate) => candidate.holds()).map(({ identity }) => identity);
  }

  #clock({ offset = 0, rate = 1, pauses = [] }: CandidateOptions): Clock {
    return {
      now: () => offset + this.time * rate,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener("abort", () => resolve());
          this.at(awake(pauses, this.time + milliseconds / rate), resolve);
        }),
    };
  }

  #store(awakeAt: (time: number) => number, fate: () => Fate): LeaseStore {
    const request = <T>(serve: () => T, signal: AbortSignal): Promise<T> =>
      new Promise((resolve, reject) => {
        const aborted = (): void => reject(signal.reason as Error);
        if (signal.aborted) {
          aborted();
          return;
        }
        signal.addEventListener("abort", aborted);
        const { there, back } = fate();
        if (there === undefined) return;
        // What is on its way goes on when the process stands still or has given up.
        this.at(this.time + there, () => {
          const answer = attempt(serve);
          if (back !== undefined) this.at(awakeAt(this.time + back), () => answer(resolve, reject));
        });
      });
    const expect = (version: string | undefined): void => {
      if (this.refusal !== undefined) throw new ApiError(this.refusal, `refused with ${this.refusal}`);
      if (this.lease?.metadata.resourceVersion !== version) throw new ApiError(409, "conflict");
    };
    return {
      read: (signal) =>
        request(() => {
          if (this.refusal !== undefined) throw new ApiError(this.refusal, `refused with ${this.refusal}`);
          return structuredClone(this.lease);
        }, signal),
      create: (spec, signal) =>
        request(() => {
          expect(undefined);
          return this.#stored({ apiVersion: "v1", kind: "Lease", metadata: {}, ...(spec && { spec }) });
        }, signal),
      replace: (lease, signal) => {
        const sent = structuredClone(lease);
        return request(() => {
          expect(sent.metadata.resourceVersion);
          return this.#stored(sent);
        }, signal);
      },
    };
  }

  #stored(lease: Lease): Lease {
    this.#version += 1;
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(this.#version) } };
    return structuredClone(this.lease);
  }
}

/** When a process that stands still in these times runs at `time` or next after it. */
function awake(pauses: readonly (readonly [number, number])[], time: number): number {
  return pauses.reduce((at, [from, to]) => (at >= from && at < to ? to : at), time);
}

function attempt<T>(serve: () => T): (resolve: (value: T) => void, reject: (error: unknown) => void) => void {
  try {
    const value = serve();
    return (resolve) => resolve(value);
  } catch (error) {
    return (_resolve, reject) => reject(error);
  }
}

/** Everything that needs no time has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function untilAborted({ signal }: Leading): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}
