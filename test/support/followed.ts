import { onTestFinished } from "vitest";
import { createClient, type KubernetesObject } from "#src/kubernetes/client.ts";
import { systemClock } from "#src/kubernetes/clock.ts";
import { createGate, type Gate } from "#src/kubernetes/gate.ts";
import {
  startReflector,
  type Reflector,
  type ReflectorEvent,
  type ReflectorHandler,
  type ReflectorSettings,
} from "#src/kubernetes/reflector.ts";
import type { FaultProxy } from "./fault-proxy.ts";

/** What a reflector has handed on: the objects as they stand, by name, and whether they may be used. */
class Replica implements ReflectorHandler {
  /** Name to resourceVersion. */
  readonly objects = new Map<string, string>();
  /** Every call, as `upsert NAME`, `remove NAME`, `replaceBegin`, `replaceDone`, `unreadable`. */
  readonly calls: string[] = [];
  known = false;
  #seen = new Set<string>();

  replaceBegin(): void {
    this.calls.push("replaceBegin");
    this.#seen = new Set();
  }

  upsert({ metadata: { name = "", resourceVersion = "" } }: KubernetesObject): void {
    this.calls.push(`upsert ${name}`);
    this.#seen.add(name);
    this.objects.set(name, resourceVersion);
  }

  remove({ metadata: { name = "" } }: KubernetesObject): void {
    this.calls.push(`remove ${name}`);
    this.objects.delete(name);
  }

  replaceDone(): void {
    this.calls.push("replaceDone");
    for (const name of this.objects.keys()) if (!this.#seen.has(name)) this.objects.delete(name);
    this.known = true;
  }

  unreadable(): void {
    this.calls.push("unreadable");
    this.known = false;
  }

  /** The names, in order. */
  names(): string[] {
    return [...this.objects.keys()].sort();
  }
}

/** A tenth of a second where the server takes seconds. */
export const hasty: ReflectorSettings = {
  pageSize: 500,
  watchSeconds: 3,
  graceSeconds: 1,
  backoff: { first: 50, cap: 500, forbidden: 200 },
};

export interface Followed {
  readonly replica: Replica;
  readonly reflector: Reflector;
  readonly events: readonly ReflectorEvent[];
  /** Ends the reflector and its connections. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  readonly path: string;
  readonly token: string;
  readonly settings?: Partial<ReflectorSettings>;
  /** Shared with other reflectors; one of its own unless given. */
  readonly lists?: Gate;
}

/** Starts a reflector behind the proxy; it is stopped when the test is over. */
export function follow(
  proxy: FaultProxy,
  { path, token, settings, lists = createGate(1) }: FollowOptions,
): Followed {
  const client = createClient(
    {
      server: new URL(proxy.server),
      credentials: () =>
        Promise.resolve({
          headers: { authorization: `Bearer ${token}` },
          options: { ca: proxy.authorityPem },
        }),
    },
    { answerTimeout: 2_000 },
  );
  const replica = new Replica();
  const events: ReflectorEvent[] = [];
  const stopping = new AbortController();
  const { reflector, done } = startReflector(
    {
      kind: path,
      path,
      client,
      handler: replica,
      observer: (_kind, event) => events.push(event),
      clock: systemClock,
      random: Math.random,
      lists,
      settings: { ...hasty, ...settings },
    },
    stopping.signal,
  );
  const stop = async (): Promise<void> => {
    stopping.abort(new Error("stopped"));
    await done;
    client.close();
  };
  onTestFinished(stop);
  return { replica, reflector, events, stop };
}
