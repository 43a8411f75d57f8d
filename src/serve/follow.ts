import type { KubernetesClient } from "../kubernetes/client.ts";
import type { Clock } from "../kubernetes/clock.ts";
import { afterLists, createGate } from "../kubernetes/gate.ts";
import {
  startReflector,
  type ReflectorObserver,
  type ReflectorSettings,
  type ReflectorState,
} from "../kubernetes/reflector.ts";
import { resourcePath } from "../kubernetes/resources.ts";
import { followedAs, followedKinds } from "../view/followed-kinds.ts";
import type { LiveView } from "../view/live-view.ts";
import { storedIn, unmodelledKinds } from "../network/dialects/unmodelled.ts";
import { httpRouteKind } from "../network/routes.ts";
import { followServed, type ServedTiming } from "./follow-served.ts";

export interface FollowOptions {
  readonly client: KubernetesClient;
  readonly view: LiveView;
  readonly observer: ReflectorObserver;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly settings?: ReflectorSettings;
  readonly unmodelled?: ServedTiming;
}

/** How far the view is to be trusted; the states are asked anew each time. */
export interface Following {
  /**
   * Whether each kind has been listed completely once, or may not be read, and policies of other kinds are known or
   * were tried for long enough; once true, it stays so.
   */
  synced(): boolean;
  kinds(): readonly ReflectorState[];
  /** Resolves when the first lists are through, or take long, or the signal is aborted. */
  listed(signal: AbortSignal): Promise<void>;
  /** Ends every reflector and connection; resolves when they have ended. */
  stop(): Promise<void>;
}

/** The API server is asked for so many lists at once: the first lists of a large cluster are the dearest requests. */
const listsAtOnce = 2;

/** Starts a reflector for each kind of the view, and follows the kinds that come and go. The client is closed with them. */
export function followCluster(options: FollowOptions): Following {
  const { client, view, observer, clock, random, settings, unmodelled } = options;
  const stopping = new AbortController();
  const lists = createGate(listsAtOnce);
  const started = followedKinds.map((kind) => {
    const { resource, namespace } = followedAs(kind);
    return startReflector(
      {
        kind,
        path: resourcePath(resource, namespace),
        client,
        handler: view.handlers[kind],
        observer,
        clock,
        random,
        lists,
        ...(settings !== undefined && { settings }),
      },
      stopping.signal,
    );
  });
  const others = followServed(
    {
      client,
      served: [
        { kinds: unmodelledKinds, index: view.unmodelled, form: "metadata", storedIn },
        { kinds: [httpRouteKind], index: view.routeIndex, form: "whole" },
      ],
      observer,
      clock,
      random,
      ...(settings !== undefined && { settings }),
      ...(unmodelled !== undefined && { timing: unmodelled }),
    },
    stopping.signal,
  );
  const own = (): readonly ReflectorState[] => started.map(({ reflector }) => reflector.state());
  let synced = false;
  return {
    kinds: () => [...own(), ...others.states()],
    listed: (signal) => afterLists(lists, clock, signal),
    synced() {
      synced ||= own().every(({ phase }) => phase !== "starting") && others.settled();
      return synced;
    },
    async stop() {
      stopping.abort(new Error("stopped"));
      await Promise.all([...started.map(({ done }) => done), others.done]);
      client.close();
    },
  };
}
