import { messageOf } from "../errors.ts";
import type { Form, KubernetesClient, KubernetesObject, Query, WatchEvent } from "./client.ts";
import type { Clock } from "./clock.ts";
import { afterLists, type Gate } from "./gate.ts";
import { noFailures, recover, type Backoff } from "./recovery.ts";

/**
 * Where the objects go. Between `replaceBegin` and `replaceDone` come all objects that there are, in pages; what was
 * served before stays served until `replaceDone`, and what did not come again is then gone. A list that fails half way
 * is followed by another `replaceBegin`. Each method is synchronous and keeps nothing of the object it is given.
 */
export interface ReflectorHandler {
  replaceBegin(): void;
  upsert(object: KubernetesObject): void;
  remove(object: KubernetesObject): void;
  replaceDone(): void;
  /** The kind may not be read or does not exist: what is held is not to be used until the next `replaceDone`. */
  unreadable(): void;
}

/** What happens to a reflector, for logs and metrics. `milliseconds` are durations. */
export type ReflectorEvent =
  | {
      readonly type: "listed";
      readonly objects: number;
      readonly pages: number;
      readonly milliseconds: number;
    }
  | { readonly type: "failed"; readonly error: unknown; readonly retryIn: number; readonly relist: boolean }
  | { readonly type: "forbidden"; readonly error: unknown; readonly retryIn: number }
  /** The handler threw on one object; the others go on. */
  | {
      readonly type: "objectFailed";
      readonly error: unknown;
      readonly namespace: string;
      readonly name: string;
    };

export type ReflectorObserver = (kind: string, event: ReflectorEvent) => void;

export interface ReflectorSettings {
  /** Objects per page of a list. */
  readonly pageSize: number;
  /** Seconds after which the API server ends a watch; a silent connection lives no longer than this and the grace. */
  readonly watchSeconds: number;
  readonly graceSeconds: number;
  readonly backoff: Backoff;
}

/** Events flow again within a minute after a connection died silently; the API server sees three watches in two. */
const defaultReflectorSettings: ReflectorSettings = {
  pageSize: 500,
  watchSeconds: 40,
  graceSeconds: 5,
  backoff: { first: 500, cap: 20_000, forbidden: 60_000 },
};

export interface ReflectorOptions {
  /** The resource's name, as state and events name it. */
  readonly kind: string;
  readonly path: string;
  readonly query?: Query;
  /** Whole objects unless given. */
  readonly form?: Form;
  readonly client: KubernetesClient;
  readonly handler: ReflectorHandler;
  readonly observer: ReflectorObserver;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Bounds how many reflectors list at once. */
  readonly lists: Gate;
  readonly settings?: ReflectorSettings;
}

/**
 * - starting: no complete list yet;
 * - watching: what is held is the cluster's state, but for what is under way;
 * - behind: it was, and the connection is being made anew; what is held goes on being served;
 * - forbidden: the kind may not be read (403) or does not exist (404): unknown.
 */
export type ReflectorPhase = "starting" | "watching" | "behind" | "forbidden";

export interface ReflectorState {
  readonly kind: string;
  readonly phase: ReflectorPhase;
  /** Seconds since the API server last told how things stand; undefined before the first complete list. */
  readonly stalenessSeconds: number | undefined;
  /** The error of the current run of failures. */
  readonly error?: string;
}

export interface Reflector {
  state(): ReflectorState;
}

/**
 * Keeps a handler equal to what a list of the API server would give: a paged list, then a watch from its
 * resourceVersion, and both again as errors demand. Runs until the signal is aborted; `done` never rejects.
 */
export function startReflector(
  options: ReflectorOptions,
  signal: AbortSignal,
): { readonly reflector: Reflector; readonly done: Promise<void> } {
  const reflector = new RunningReflector(options);
  return { reflector, done: reflector.run(signal) };
}

class RunningReflector implements Reflector {
  readonly #options: ReflectorOptions;
  readonly #settings: ReflectorSettings;
  #phase: ReflectorPhase = "starting";
  #synced = false;
  #lastContact = 0;
  #failures = noFailures;
  #error: unknown = undefined;
  /** The place in the kind's history up to which the handler has seen it; undefined: list anew. */
  #version: string | undefined = undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#settings = options.settings ?? defaultReflectorSettings;
  }

  state(): ReflectorState {
    const { kind, clock } = this.#options;
    const stalenessSeconds = this.#synced ? (clock.now() - this.#lastContact) / 1000 : undefined;
    const state = { kind, phase: this.#phase, stalenessSeconds };
    return this.#error === undefined ? state : { ...state, error: messageOf(this.#error) };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, lists } = this.#options;
    while (!signal.aborted) {
      try {
        const first = !this.#synced;
        this.#version ??= await lists.run(() => attempt(signal, (own) => this.#list(own)), signal);
        if (first) await afterLists(lists, clock, signal);
        await this.#watch(this.#version, signal);
      } catch (error) {
        // Aborted from outside while this was awaited.
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
        if (signal.aborted) return;
        await clock.sleep(this.#failed(error), signal);
      }
    }
  }

  /** Hands all objects on, page by page; returns the resourceVersion of the list. */
  async #list(signal: AbortSignal): Promise<string> {
    const { client, path, query, form, handler, clock, kind, observer } = this.#options;
    const begin = clock.now();
    let objects = 0;
    let pages = 0;
    let next: string | undefined;
    let version: string | undefined;
    handler.replaceBegin();
    do {
      const page = await client.list(
        path,
        {
          ...query,
          limit: String(this.#settings.pageSize),
          ...(next === undefined ? {} : { continue: next }),
        },
        signal,
        form,
      );
      for (const object of page.items ?? []) this.#hand("upsert", object);
      objects += page.items?.length ?? 0;
      pages += 1;
      next = page.metadata.continue === "" ? undefined : page.metadata.continue;
      version = page.metadata.resourceVersion;
    } while (next !== undefined);
    if (version === undefined || version === "")
      throw new Error("the API server's list has no resourceVersion");
    handler.replaceDone();
    this.#synced = true;
    this.#phase = "watching";
    this.#lastContact = clock.now();
    observer(kind, { type: "listed", objects, pages, milliseconds: clock.now() - begin });
    return version;
  }

  /** Hands changes on until the server ends the watch. */
  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { client, path, query, form, clock, random } = this.#options;
    const { watchSeconds, graceSeconds } = this.#settings;
    // Spread, so that the watches of all kinds and replicas do not end together.
    const seconds = Math.ceil(watchSeconds * (0.75 + random() / 4));
    const begin = clock.now();
    let events = 0;
    await attempt(signal, async (own, abort) => {
      void clock.sleep((seconds + graceSeconds) * 1000, own).then(() => {
        abort(new Error(`the watch was silent beyond its ${seconds} seconds: the connection is dead`));
      });
      await client.watch(
        path,
        { ...query, resourceVersion: from, allowWatchBookmarks: "true", timeoutSeconds: String(seconds) },
        (event) => {
          events += 1;
          this.#take(event);
        },
        own,
        form,
      );
    });
    // A server that ends each watch at once is one that fails.
    if (events === 0 && clock.now() - begin < 1000) throw new Error("the API server ended the watch at once");
    this.#progress();
  }

  #take({ type, object }: WatchEvent): void {
    if (type === "DELETED") this.#hand("remove", object);
    else if (type !== "BOOKMARK") this.#hand("upsert", object);
    this.#version = object.metadata.resourceVersion ?? this.#version;
    this.#progress();
  }

  #progress(): void {
    this.#lastContact = this.#options.clock.now();
    this.#failures = noFailures;
    this.#error = undefined;
    this.#phase = "watching";
  }

  #hand(method: "upsert" | "remove", object: KubernetesObject): void {
    const { handler, observer, kind } = this.#options;
    try {
      handler[method](object);
    } catch (error) {
      const { namespace = "", name = "" } = object.metadata;
      observer(kind, { type: "objectFailed", error, namespace, name });
    }
  }

  /** Notes the error; returns the milliseconds to wait. */
  #failed(error: unknown): number {
    const { observer, kind, handler, random } = this.#options;
    const { wait, relist, forbidden, failures } = recover(
      error,
      this.#failures,
      this.#settings.backoff,
      random(),
    );
    this.#failures = failures;
    this.#error = error;
    if (relist) this.#version = undefined;
    if (forbidden) {
      if (this.#phase !== "forbidden") handler.unreadable();
      this.#phase = "forbidden";
      observer(kind, { type: "forbidden", error, retryIn: wait });
      return wait;
    }
    if (this.#phase !== "forbidden") this.#phase = this.#synced ? "behind" : "starting";
    observer(kind, { type: "failed", error, retryIn: wait, relist });
    return wait;
  }
}

/** Runs `work` with a signal of its own, aborted with the outer one, by `abort`, and when the work is over. */
async function attempt<T>(
  outer: AbortSignal,
  work: (signal: AbortSignal, abort: (reason: Error) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (reason: unknown): void => controller.abort(reason);
  const stop = (): void => abort(outer.reason);
  outer.addEventListener("abort", stop);
  try {
    outer.throwIfAborted();
    return await work(controller.signal, abort);
  } catch (error) {
    // An aborted request rejects with an error that does not tell why.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    outer.removeEventListener("abort", stop);
    abort(new Error("over"));
  }
}
