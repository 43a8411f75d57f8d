import { messageOf } from "../errors.ts";
import { ApiError } from "../kubernetes/api-error.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import type { Clock } from "../kubernetes/clock.ts";
import { discoverGroups, type GroupContent, type ServedResource } from "../kubernetes/discovery.ts";
import { createGate } from "../kubernetes/gate.ts";
import {
  startReflector,
  type Reflector,
  type ReflectorEvent,
  type ReflectorObserver,
  type ReflectorSettings,
  type ReflectorState,
} from "../kubernetes/reflector.ts";
import { kindId } from "../network/dialects/unmodelled.ts";
import { groupsOf, type ServedKind, type ServedKinds } from "./served-kinds.ts";

/** Milliseconds. */
export interface ServedTiming {
  /** Between two looks at what the API server serves. */
  readonly interval: number;
  /** For how long a discovery or a first list that fails keeps the replica from being ready. */
  readonly patience: number;
}

/**
 * Discovery is asked for rather than CustomResourceDefinitions watched: it needs no right on them and covers aggregated
 * APIs. The answers are a few KiB each.
 */
const defaultTiming: ServedTiming = { interval: 10_000, patience: 15_000 };

export interface FollowServedOptions {
  readonly client: KubernetesClient;
  readonly served: readonly ServedKinds[];
  readonly observer: ReflectorObserver;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly settings?: ReflectorSettings;
  readonly timing?: ServedTiming;
}

export interface FollowingServed {
  /**
   * Whether it is known what stands. What stays out of reach beyond the patience does not count: objects of it are
   * then unknown, and what rules conclude from them as well.
   */
  settled(): boolean;
  /** Discovery, each kind that is followed, each group of which nobody can tell what is in it. */
  states(): readonly ReflectorState[];
  /** Resolves when everything has ended, after the signal was aborted; never rejects. */
  readonly done: Promise<void>;
}

/** Follows kinds that a cluster may serve or not, as they come and go, until the signal is aborted. */
export function followServed(options: FollowServedOptions, signal: AbortSignal): FollowingServed {
  const follower = new Follower(options);
  const done = follower.run(signal);
  return { settled: () => follower.settled(), states: () => follower.states(), done };
}

interface Followed {
  readonly kind: ServedKind;
  readonly resource: ServedResource;
  readonly since: number;
  readonly reflector: Reflector;
  stop(): Promise<void>;
}

/** Of metadata alone, or few. */
const listsAtOnce = 2;

/** Milliseconds until it is looked again whether a kind that was missed has really gone. */
const secondLook = 1_000;

/** The name of discovery among the kinds, in states and metrics. */
const discovery = "discovery";

interface Taking {
  readonly found: ReadonlyMap<string, GroupContent>;
  /** Where what is missing for the first time is noted. */
  readonly missed: Set<string>;
  readonly signal: AbortSignal;
}

class Follower {
  readonly #options: FollowServedOptions;
  readonly #timing: ServedTiming;
  readonly #groups: readonly string[];
  readonly #began: number;
  readonly #followed = new Map<string, Followed>();
  /** Groups that are served and do not say what is in them. */
  #broken: ReadonlyMap<string, Error> = new Map();
  #lastContact: number | undefined = undefined;
  #error: string | undefined = undefined;
  /** Kinds that the last look missed. An API server that has just started does not serve custom resources yet. */
  #missed: ReadonlySet<string> = new Set();
  /** Apart from the kinds of the view, whose lists must not wait for an aggregated API that hangs. */
  readonly #lists = createGate(listsAtOnce);
  /** Ends the pause before the next look. */
  #nap = new AbortController();

  constructor(options: FollowServedOptions) {
    this.#options = options;
    this.#timing = options.timing ?? defaultTiming;
    this.#began = options.clock.now();
    this.#groups = [...new Set(options.served.flatMap(groupsOf))];
    // Until the first look is over.
    for (const served of options.served) served.index.setUnreadable(groupsOf(served));
  }

  settled(): boolean {
    if (this.#lastContact === undefined) return this.#isOver(this.#began);
    return [...this.#followed.values()].every(
      ({ reflector, since }) => reflector.state().phase !== "starting" || this.#isOver(since),
    );
  }

  states(): readonly ReflectorState[] {
    const broken = [...this.#broken].map(([kind, { message: error }]): ReflectorState => ({
      kind,
      phase: this.#isFollowed(kind) ? "behind" : "forbidden",
      stalenessSeconds: undefined,
      error,
    }));
    const followed = [...this.#followed.values()].map(({ reflector }) => reflector.state());
    return [this.#discoveryState(), ...followed, ...broken];
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      this.#nap = new AbortController();
      await this.#look(signal);
      // Spread, so that the replicas do not ask together.
      const pause = this.#missed.size > 0 ? secondLook : this.#timing.interval;
      await clock.sleep(pause * (0.75 + random() / 4), AbortSignal.any([signal, this.#nap.signal]));
    }
    await Promise.all([...this.#followed.values()].map((followed) => followed.stop()));
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, clock, observer } = this.#options;
    try {
      const found = await discoverGroups(client, this.#groups, signal);
      this.#lastContact = clock.now();
      this.#error = undefined;
      await this.#take(found, signal);
    } catch (error) {
      if (signal.aborted) return;
      const message = messageOf(error);
      // Told once: what goes on for long is to be seen in the states.
      if (this.#error !== message) {
        observer(discovery, { type: "failed", error, retryIn: this.#timing.interval, relist: false });
      }
      this.#error = message;
    }
  }

  async #take(found: ReadonlyMap<string, GroupContent>, signal: AbortSignal): Promise<void> {
    this.#note(found);
    const missed = new Set<string>();
    for (const served of this.#options.served) {
      for (const kind of served.kinds) await this.#takeKind(kind, served, { found, missed, signal });
    }
    this.#missed = missed;
  }

  async #takeKind(kind: ServedKind, served: ServedKinds, { found, missed, signal }: Taking): Promise<void> {
    const content = found.get(kind.group);
    // What was known of the group before stays.
    if (content instanceof Error) return;
    const resource = content?.find((each) => each.kind === kind.kind);
    const id = kindId(kind);
    const followed = this.#followed.get(id);
    if (isSame(followed?.resource, resource)) return;
    if (resource === undefined && !this.#missed.has(id)) {
      missed.add(id);
      return;
    }
    await followed?.stop();
    this.#followed.delete(id);
    if (resource === undefined) served.index.forget(kind);
    else this.#followed.set(id, this.#follow(kind, served, resource, signal));
  }

  /** Which groups cannot be told about, and of which of them nothing is known from elsewhere. */
  #note(found: ReadonlyMap<string, GroupContent>): void {
    const { observer, served } = this.#options;
    const broken = new Map<string, Error>();
    for (const [group, content] of found) {
      if (!(content instanceof Error)) continue;
      broken.set(group, content);
      if (this.#broken.has(group)) continue;
      observer(group, { type: "failed", error: content, retryIn: this.#timing.interval, relist: false });
    }
    this.#broken = broken;
    for (const each of served) {
      const isStoredElsewhere = (group: string): boolean => {
        const store = found.get(each.storedIn?.get(group) ?? "");
        return store !== undefined && !(store instanceof Error);
      };
      const unknown = (group: string): boolean =>
        broken.has(group) && !this.#isFollowed(group) && !isStoredElsewhere(group);
      each.index.setUnreadable(groupsOf(each).filter(unknown));
    }
  }

  #follow(
    kind: ServedKind,
    { index, form }: ServedKinds,
    resource: ServedResource,
    signal: AbortSignal,
  ): Followed {
    const { client, observer, clock, random, settings } = this.#options;
    const stopping = new AbortController();
    const { reflector, done } = startReflector(
      {
        kind: kindId(kind),
        path: resource.path,
        form,
        client,
        handler: index.follow(kind, resource.namespaced ? "namespace" : "cluster"),
        observer: (name, event) => {
          observer(name, event);
          if (isGone(event)) this.#nap.abort();
        },
        clock,
        random,
        lists: this.#lists,
        ...(settings !== undefined && { settings }),
      },
      AbortSignal.any([signal, stopping.signal]),
    );
    const stop = (): Promise<void> => {
      stopping.abort(new Error("the kind is not served any more"));
      return done;
    };
    return { kind, resource, since: clock.now(), reflector, stop };
  }

  #isFollowed(group: string): boolean {
    return [...this.#followed.values()].some(({ kind }) => kind.group === group);
  }

  #isOver(since: number): boolean {
    return this.#options.clock.now() - since > this.#timing.patience;
  }

  #discoveryState(): ReflectorState {
    const heard = this.#lastContact;
    const stalenessSeconds = heard === undefined ? undefined : (this.#options.clock.now() - heard) / 1000;
    const kind = discovery;
    if (this.#error === undefined)
      return { kind, phase: heard === undefined ? "starting" : "watching", stalenessSeconds };
    return {
      kind,
      phase: heard === undefined ? "starting" : "behind",
      stalenessSeconds,
      error: this.#error,
    };
  }
}

function isSame(before: ServedResource | undefined, now: ServedResource | undefined): boolean {
  return before?.path === now?.path && before?.namespaced === now?.namespaced;
}

/** Whether the kind may have gone: time to look what the API server serves. */
function isGone(event: ReflectorEvent): boolean {
  if (event.type !== "failed" && event.type !== "forbidden") return false;
  return event.error instanceof ApiError && event.error.status === 404;
}
