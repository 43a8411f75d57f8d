import { messageOf } from "../errors.ts";
import type { Lease } from "../wire/lease.ts";
import type { Clock } from "./clock.ts";
import { decide, sight, specAfter, type Candidate, type Sighting } from "./lease-decision.ts";
import type { LeaseStore } from "./lease-store.ts";
import { noFailures, recover } from "./recovery.ts";
import { within, type TimeLimit } from "./time-limit.ts";

/** Milliseconds. */
export interface LeaseTiming {
  /** How long the lease lasts for others that see no renewal; a whole number of seconds, or it is rounded up for them. */
  readonly duration: number;
  /** How long its holder goes on without a renewal; below `duration`, so that what it sent last has ended by then. */
  readonly hold: number;
  /** Between two attempts. */
  readonly retry: number;
  /** Between attempts where leases may not be read or written. */
  readonly forbidden: number;
}

/** The time of the one that leads. */
export interface Leading {
  /** Aborted when it is over: the lease is lost or to be given back. */
  readonly signal: AbortSignal;
  /**
   * Milliseconds that are left, by the clock; 0: over. To be asked before each write: a process that was paused may run
   * before its signal is aborted.
   */
  remaining(): number;
}

export interface ElectionState {
  /**
   * - seeking: not known yet who leads;
   * - following: another leads;
   * - leading: this one does;
   * - failing: the lease cannot be had at present;
   * - forbidden: leases may not be read or written: this one never leads.
   */
  readonly phase: "seeking" | "following" | "leading" | "failing" | "forbidden";
  /** Who leads, as far as known. */
  readonly holder: string;
  /** The error of the current run of failures. */
  readonly error?: string;
}

export type ElectionEvent =
  | { readonly type: "leading" }
  | { readonly type: "following"; readonly holder: string }
  | { readonly type: "lost"; readonly error: unknown }
  | { readonly type: "released" }
  /** The work of the one that leads ended with an error; the lease is given back. */
  | { readonly type: "workFailed"; readonly error: unknown }
  /** Told once for each error in a row. */
  | { readonly type: "failed" | "forbidden"; readonly error: unknown; readonly retryIn: number };

export interface ElectionOptions {
  readonly store: LeaseStore;
  /** Like no other process's, also not one of the same pod. */
  readonly identity: string;
  readonly clock: Clock;
  /** The calendar, for people who read the lease. */
  readonly date: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
  readonly observer: (event: ElectionEvent) => void;
  readonly timing: LeaseTiming;
}

export interface Election {
  state(): ElectionState;
  /** Resolves when the work has ended and the lease is given back, after the signal was aborted; never rejects. */
  readonly done: Promise<void>;
}

/**
 * Runs `work` whenever this process holds the lease, one at a time over all processes that stand for it, until the
 * signal is aborted. The work ends soon after its own signal is aborted.
 *
 * The holder's time begins before the request that renewed the lease was sent, everybody else's when they saw the
 * renewal: whatever their clocks show, the holder's `hold` is over before another's `duration` is.
 */
export function standForLease(
  options: ElectionOptions,
  work: (leading: Leading) => Promise<void>,
  signal: AbortSignal,
): Election {
  const elector = new Elector(options, work);
  return { state: () => elector.state(), done: elector.run(signal) };
}

class Elector {
  readonly #options: ElectionOptions;
  readonly #work: (leading: Leading) => Promise<void>;
  readonly #timing: LeaseTiming;
  readonly #candidate: Candidate;
  /** By the clock; nothing is written from then on. */
  #heldUntil = -Infinity;
  /** The lease as the last answer to a write of ours had it; undefined: to be read. */
  #written: Lease | undefined = undefined;
  #sighting: Sighting | undefined = undefined;
  #phase: ElectionState["phase"] = "seeking";
  #failures = noFailures;
  #error: unknown = undefined;

  constructor(options: ElectionOptions, work: (leading: Leading) => Promise<void>) {
    this.#options = options;
    this.#work = work;
    this.#timing = options.timing;
    this.#candidate = { identity: options.identity, duration: this.#timing.duration };
  }

  state(): ElectionState {
    const holder = this.#holding() ? this.#candidate.identity : (this.#sighting?.holder ?? "");
    const phase = this.#holding() ? "leading" : this.#phase === "leading" ? "failing" : this.#phase;
    return { phase, holder, ...(this.#error !== undefined && { error: messageOf(this.#error) }) };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      const wait = await this.#attempt(signal);
      if (this.#holding()) await this.#reign(signal);
      await clock.sleep(wait * (0.75 + random() / 2), signal);
    }
  }

  #holding(): boolean {
    return this.#options.clock.now() < this.#heldUntil;
  }

  /** Leads until the lease is lost, the work has ended or the signal is aborted. */
  async #reign(outer: AbortSignal): Promise<void> {
    const { clock, observer } = this.#options;
    const reign = new AbortController();
    const stop = (): void => reign.abort(outer.reason);
    outer.addEventListener("abort", stop);
    if (outer.aborted) stop();
    observer({ type: "leading" });
    const { signal } = reign;
    const remaining = (): number => (signal.aborted ? 0 : Math.max(0, this.#heldUntil - clock.now()));
    const work = this.#working({ signal, remaining }).finally(() =>
      reign.abort(new Error("the work has ended")),
    );
    await Promise.all([this.#renew(reign), this.#watchTime(reign)]);
    outer.removeEventListener("abort", stop);
    if (this.#holding()) {
      // Nobody may take over from work that still runs.
      const over = new AbortController();
      await Promise.race([work, clock.sleep(this.#heldUntil - clock.now(), over.signal)]);
      over.abort();
    }
    if (this.#holding()) await this.#release();
    else observer({ type: "lost", error: this.#error });
    // With the signal of the process aborted, its end does not wait for work that does not end.
    if (!outer.aborted) await work;
  }

  async #working(leading: Leading): Promise<void> {
    try {
      await this.#work(leading);
    } catch (error) {
      if (!leading.signal.aborted) this.#options.observer({ type: "workFailed", error });
    }
  }

  async #renew(reign: AbortController): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = reign;
    while (!signal.aborted) {
      await clock.sleep(this.#timing.retry * (0.75 + random() / 2), signal);
      if (!isAborted(signal)) await this.#attempt(signal);
      if (!this.#holding()) reign.abort(lost);
    }
  }

  async #watchTime(reign: AbortController): Promise<void> {
    const { clock } = this.#options;
    while (!reign.signal.aborted) {
      await clock.sleep(Math.max(1, this.#heldUntil - clock.now()), reign.signal);
      if (!this.#holding()) reign.abort(lost);
    }
  }

  /** Looks at the lease and does what it asks for; returns the milliseconds until the next attempt. Never rejects. */
  async #attempt(outer: AbortSignal): Promise<number> {
    try {
      // A connection that hangs leaves time for another attempt.
      await within(this.#limit(this.#timing.hold / 2), outer, (signal) => this.#step(signal));
      this.#failures = noFailures;
      this.#error = undefined;
      return this.#timing.retry;
    } catch (error) {
      // Whether it was carried out is for the next attempt to see.
      this.#written = undefined;
      if (outer.aborted) return 0;
      return this.#failed(error);
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { clock, date, store } = this.#options;
    const lease = this.#written ?? (await store.read(signal));
    const now = clock.now();
    this.#sighting = sight(this.#sighting, lease, this.#candidate, now);
    const step = decide(lease, this.#sighting, this.#candidate, now);
    if (step.type === "wait") {
      this.#heldUntil = -Infinity;
      if (this.#phase !== "following") this.#options.observer({ type: "following", holder: step.holder });
      this.#phase = "following";
      return;
    }
    const spec = specAfter(step.type, lease?.spec ?? {}, this.#candidate, date());
    const sent = clock.now();
    const written =
      lease === undefined
        ? await store.create(spec, signal)
        : await store.replace({ ...lease, spec }, signal);
    this.#written = written;
    this.#heldUntil = sent + this.#timing.hold;
    this.#sighting = sight(this.#sighting, written, this.#candidate, sent);
    this.#phase = "leading";
  }

  /** Gives the lease back, so that another takes it at once. From before it is sent on this one holds it no more. */
  async #release(): Promise<void> {
    const { date, store, observer } = this.#options;
    const { identity } = this.#candidate;
    this.#heldUntil = -Infinity;
    this.#phase = "seeking";
    const giveBack = async (signal: AbortSignal): Promise<void> => {
      const lease = this.#written ?? (await store.read(signal));
      this.#written = undefined;
      if (lease?.spec?.holderIdentity !== identity) return;
      const spec = specAfter("release", lease.spec, this.#candidate, date());
      await store.replace({ ...lease, spec }, signal);
    };
    for (let attempts = 2; attempts > 0; attempts -= 1) {
      try {
        await within(this.#limit(this.#timing.retry), new AbortController().signal, giveBack);
        observer({ type: "released" });
        return;
      } catch (error) {
        // It then ends by itself.
        if (attempts === 1) observer({ type: "failed", error, retryIn: 0 });
      }
    }
  }

  #limit(milliseconds: number): TimeLimit {
    return { milliseconds, clock: this.#options.clock, what: "the lease" };
  }

  /** Notes the error; returns the milliseconds to wait. */
  #failed(error: unknown): number {
    const { observer, random } = this.#options;
    const { retry, forbidden } = this.#timing;
    const before = this.#error === undefined ? undefined : messageOf(this.#error);
    const backoff = { first: retry, cap: 4 * retry, forbidden };
    const recovery = recover(error, this.#failures, backoff, random());
    this.#failures = recovery.failures;
    this.#error = error;
    const phase = recovery.forbidden ? "forbidden" : "failing";
    if (before !== messageOf(error) || (phase === "forbidden" && this.#phase !== phase)) {
      observer({ type: recovery.forbidden ? "forbidden" : "failed", error, retryIn: recovery.wait });
    }
    if (this.#phase !== "leading" || !this.#holding()) this.#phase = phase;
    return recovery.wait;
  }
}

const lost = new Error("the lease is lost");

/** Asked after a pause, in which it may have changed. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
