import type { ClusterFacts, Fact } from "../wire/cluster-facts.ts";
import type { Clock } from "./clock.ts";
import { readClusterFacts, type FactsClient } from "./facts.ts";

export interface FactsLoopOptions {
  readonly client: FactsClient;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Resolves when the first reading may begin, or when the signal is aborted. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Told of each reading. */
  readonly changed: (facts: ClusterFacts) => void;
  /** Told of a reading that was lost by a fault of ours; the next one is made all the same. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds between readings; a minute unless given. */
  readonly interval?: number;
}

/** The facts as they were read last. */
export interface FactsLoop {
  /** Undefined until they have been read once. */
  current(): ClusterFacts | undefined;
  /** Seconds since the last reading; undefined before the first. */
  ageSeconds(): number | undefined;
  /** Ends the readings; resolves when none is under way. */
  stop(): Promise<void>;
}

const aMinute = 60_000;

/** Reads the facts now and then once a minute, spread by a tenth so that replicas do not ask together. */
export function startFacts(options: FactsLoopOptions): FactsLoop {
  const { client, clock, random, turn, changed, failed, interval = aMinute } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = (): boolean => signal.aborted;
  let current: ClusterFacts | undefined;
  let readAt: number | undefined;
  const round = async (): Promise<void> => {
    const read = await readClusterFacts(client, signal);
    current = current === undefined ? read : withEarlier(read, current);
    readAt = clock.now();
    changed(current);
  };
  const run = async (): Promise<void> => {
    await turn(signal);
    while (!stopped()) {
      try {
        await round();
      } catch (error) {
        if (!stopped()) failed(error);
      }
      await clock.sleep(interval * (0.9 + random() / 5), signal);
    }
  };
  const done = run();
  return {
    current: () => current,
    ageSeconds: () => (readAt === undefined ? undefined : (clock.now() - readAt) / 1_000),
    stop: async () => {
      stopping.abort(new Error("stopped"));
      await done;
    },
  };
}

/** An API server that does not answer for a while makes nothing unknown that was known; a right that is taken away does. */
function withEarlier(read: ClusterFacts, earlier: ClusterFacts): ClusterFacts {
  return {
    apiGroups: kept(read.apiGroups, earlier.apiGroups),
    daemonSets: kept(read.daemonSets, earlier.daemonSets),
    nodes: kept(read.nodes, earlier.nodes),
    controlPlaneNodes: kept(read.controlPlaneNodes, earlier.controlPlaneNodes),
    serviceCidrs: kept(read.serviceCidrs, earlier.serviceCidrs),
    openShiftSdnPlugin: kept(read.openShiftSdnPlugin, earlier.openShiftSdnPlugin),
    deployments: eachKept(read.deployments, earlier.deployments),
    configMaps: eachKept(read.configMaps, earlier.configMaps),
    services: eachKept(read.services, earlier.services),
    endpointSlices: eachKept(read.endpointSlices, earlier.endpointSlices),
  };
}

function eachKept<T>(
  read: ReadonlyMap<string, Fact<T>>,
  earlier: ReadonlyMap<string, Fact<T>>,
): ReadonlyMap<string, Fact<T>> {
  return new Map([...read].map(([id, fact]) => [id, kept(fact, earlier.get(id))]));
}

function kept<T>(read: Fact<T>, earlier: Fact<T> | undefined): Fact<T> {
  return read.state === "failed" && earlier !== undefined ? earlier : read;
}
