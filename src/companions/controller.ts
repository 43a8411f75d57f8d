import type { StandingPolicy } from "../view/companion-index.ts";
import { createFights } from "./fights.ts";
import { createOwnWrites, type OwnWrites } from "./own-writes.ts";
import { createQueue, type Clock, type WorkQueue } from "./queue.ts";
import { reconcile, type CompanionSource, type ReconcileOptions } from "./reconcile.ts";
import { addCounts, noCompanions, type CompanionCounts, type Report } from "./state.ts";
import type { WriteVerb } from "./write-out.ts";
import type { PolicyWriter, Written } from "./writer.ts";

export interface ControllerOptions {
  readonly source: CompanionSource & {
    /** Every namespace that there is. */
    namespaces(): Iterable<string>;
  };
  readonly writer: PolicyWriter;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Told what is worth telling people, each time that the namespace was looked at. */
  readonly report: (namespace: string, reports: readonly Report[]) => void;
  readonly wrote: (verb: WriteVerb, result: Written["result"]) => void;
  readonly onError: (namespace: string, error: unknown) => void;
  /** Milliseconds; for tests. */
  readonly resync?: number;
}

/** Keeps the companions of all namespaces as they are due, while it runs. */
export interface CompanionController {
  /** Something that companions of the namespace depend on has changed. */
  changed(namespace: string): void;
  /** Something that companions of all namespaces may depend on has changed. */
  changedEverywhere(): void;
  /** The view has this policy now, or has lost it. */
  arrived(namespace: string, name: string, after: StandingPolicy | undefined): void;
  /** How the companions of all namespaces stand; all zero while it does not run. */
  counts(): CompanionCounts;
  /** Namespaces to be looked at. */
  readonly waiting: number;
  /** Runs until the signal is aborted; resolves when no write is under way. Never rejects. May run again afterwards. */
  run(signal: AbortSignal): Promise<void>;
}

/** Namespaces that are worked on at once: each has at most one write under way. */
const concurrency = 8;
/** Milliseconds. */
const backoff = { first: 500, cap: 60_000 };
const resyncEvery = 600_000;
/** Milliseconds for which changes of everything are gathered: while a cluster starts they come by the dozen. */
const gathering = 250;

export function createController(options: ControllerOptions): CompanionController {
  return new Controller(options);
}

/** What is known only while it runs. */
interface Run {
  readonly queue: WorkQueue;
  readonly ownWrites: OwnWrites;
  readonly states: Map<string, CompanionCounts>;
  readonly signal: AbortSignal;
  gathering: boolean;
}

class Controller implements CompanionController {
  readonly #options: ControllerOptions;
  #run: Run | undefined = undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#run?.queue.length ?? 0;
  }

  changed(namespace: string): void {
    this.#run?.queue.add(namespace);
  }

  changedEverywhere(): void {
    const run = this.#run;
    if (run === undefined || run.gathering) return;
    run.gathering = true;
    void this.#options.clock.sleep(gathering, run.signal).then(() => {
      run.gathering = false;
      this.#addAll(run);
    });
  }

  arrived(namespace: string, name: string, after: StandingPolicy | undefined): void {
    this.#run?.ownWrites.arrived(namespace, name, after);
    this.changed(namespace);
  }

  counts(): CompanionCounts {
    return [...(this.#run?.states.values() ?? [])].reduce(addCounts, noCompanions);
  }

  async run(signal: AbortSignal): Promise<void> {
    const run = this.#begin(signal);
    this.#run = run;
    this.#addAll(run);
    await Promise.all([run.queue.run(signal), this.#resync(run)]);
    this.#run = undefined;
  }

  #begin(signal: AbortSignal): Run {
    const { source, writer, clock, random, report, wrote, onError } = this.#options;
    const now = (): number => clock.now();
    const states = new Map<string, CompanionCounts>();
    const ownWrites = createOwnWrites(now);
    const reconciling: ReconcileOptions = {
      source,
      writer,
      ownWrites,
      fights: createFights(now),
      report,
      wrote,
      state: (namespace, counts) => {
        if (counts === undefined) states.delete(namespace);
        else states.set(namespace, counts);
      },
    };
    const work = (namespace: string, stop: AbortSignal): ReturnType<typeof reconcile> =>
      reconcile(reconciling, namespace, stop);
    const queue = createQueue({ work, onError, concurrency, backoff, clock, random });
    return { queue, ownWrites, states, signal, gathering: false };
  }

  #addAll(run: Run): void {
    if (run.signal.aborted) return;
    for (const namespace of this.#options.source.namespaces()) run.queue.add(namespace);
  }

  /** Spread, so that the replicas of many clusters do not come together. */
  async #resync(run: Run): Promise<void> {
    const { clock, random, resync = resyncEvery } = this.#options;
    while (!run.signal.aborted) {
      await clock.sleep(resync * (0.75 + random() / 2), run.signal);
      this.#addAll(run);
    }
  }
}
