import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { BaseLogger } from "pino";
import { ApiError } from "../kubernetes/api-error.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { systemClock } from "../kubernetes/clock.ts";
import { leaderWriter, NotLeading } from "../kubernetes/leader-writer.ts";
import { leaseStore } from "../kubernetes/lease-store.ts";
import {
  standForLease,
  type Election,
  type ElectionEvent,
  type ElectionState,
  type Leading,
  type LeaseTiming,
} from "../kubernetes/lease.ts";
import type { KubernetesWriter } from "../kubernetes/writer.ts";

/** Where the replicas agree who writes. */
export interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds after which a replica that does not renew has gone. */
  readonly duration: number;
}

export interface LeadershipOptions {
  readonly client: Pick<KubernetesClient, "get">;
  readonly writer: KubernetesWriter;
  readonly log: BaseLogger;
  readonly lease: LeasePlace;
}

/** One of the replicas writes; the others stand by. */
export interface Leadership {
  /** Writes while this replica leads, and rejects with NotLeading at all other times. */
  readonly writer: KubernetesWriter;
  /** Stands for the lease and runs the work whenever this replica has it; the work ends soon after its signal is aborted. */
  start(work: (signal: AbortSignal) => Promise<void>): void;
  leads(): boolean;
  /** A line for `/readyz?verbose`. */
  text(): string;
  /** Ends the work and gives the lease back. */
  stop(): Promise<void>;
}

/** Each process that stands for the lease has a name of its own, so that one that was started anew is not taken for the one before. */
export function createLeadership({ client, writer, log, lease }: LeadershipOptions): Leadership {
  const stopping = new AbortController();
  let leading: Leading | undefined;
  let election: Election | undefined;
  const options = {
    store: leaseStore(client, writer, lease),
    identity: `${hostname()}_${randomUUID()}`,
    clock: systemClock,
    date: () => new Date(),
    random: Math.random,
    observer: (event: ElectionEvent) => logElection(log, lease, event),
    timing: timingOf(lease.duration),
  };
  return {
    writer: {
      async send(request, signal) {
        if (leading === undefined) throw new NotLeading();
        return await leaderWriter(writer, leading).send(request, signal);
      },
      close: () => writer.close(),
    },
    start(work) {
      election ??= standForLease(
        options,
        async (mine) => {
          leading = mine;
          try {
            await work(mine.signal);
          } finally {
            leading = undefined;
          }
        },
        stopping.signal,
      );
    },
    leads: () => election?.state().phase === "leading",
    text: () => textOf(election?.state(), lease),
    async stop() {
      stopping.abort(new Error("stopped"));
      await election?.done;
      writer.close();
    },
  };
}

/** In the proportions of Kubernetes' own components, whose lease lasts 15 s. */
function timingOf(duration: number): LeaseTiming {
  return { duration, hold: (duration * 2) / 3, retry: (duration * 2) / 15, forbidden: duration * 2 };
}

function textOf(state: ElectionState | undefined, { namespace, name }: LeasePlace): string {
  if (state === undefined) return "not stood for";
  const { phase, holder, error } = state;
  const why = error === undefined ? "" : `: ${error}`;
  switch (phase) {
    case "leading":
      return `held by this replica${why}`;
    case "following":
      return `held by ${holder}${why}`;
    case "seeking":
      return "not known yet";
    case "failing":
      return `lease ${namespace}/${name} cannot be had${why}`;
    case "forbidden":
      return `lease ${namespace}/${name} may not be used, this replica writes no companions${why}`;
  }
}

function logElection(log: BaseLogger, { namespace, name }: LeasePlace, event: ElectionEvent): void {
  const lease = `${namespace}/${name}`;
  switch (event.type) {
    case "leading":
      log.info({ lease }, "this replica leads: it writes companions");
      return;
    case "following":
      log.info({ lease, holder: event.holder }, "another replica leads");
      return;
    case "lost":
      log.warn({ lease, problem: problemOf(event.error) }, "the lease was lost: this replica writes nothing");
      return;
    case "released":
      log.info({ lease }, "the lease is given back");
      return;
    case "workFailed":
      log.error({ lease, err: event.error }, "the writing of companions ended with an error; it begins anew");
      return;
    case "failed":
      log.warn({ lease, problem: problemOf(event.error), retryIn: event.retryIn }, "the lease cannot be had");
      return;
    case "forbidden":
      log.error(
        { lease, problem: problemOf(event.error), retryIn: event.retryIn },
        forbiddenText(event.error),
      );
  }
}

function forbiddenText(error: unknown): string {
  const missing =
    error instanceof ApiError && error.status === 404
      ? "make the namespace, or name another with --lease-namespace"
      : "let Ringfence's account get, create and update leases.coordination.k8s.io there";
  return `the lease may not be used, so this replica writes no companions: ${missing}`;
}

function problemOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message : undefined;
}
