import type { Lease, LeaseSpec } from "../wire/lease.ts";
import { microTime } from "./micro-time.ts";

/** A state of the lease, and since when this candidate knows it by a clock of its own. */
export interface Sighting {
  /** Its resourceVersion. */
  readonly version: string | undefined;
  readonly holder: string;
  /** When this version was first seen. */
  readonly since: number;
  /** Milliseconds after which a holder that did not renew has gone. */
  readonly duration: number;
}

export interface Candidate {
  /** No other process ever has the same. */
  readonly identity: string;
  /** Milliseconds. */
  readonly duration: number;
}

export type Step =
  /** There is no lease. */
  | { readonly type: "create" }
  /** It is nobody's, or its holder has gone. */
  | { readonly type: "take" }
  /** It is ours. */
  | { readonly type: "renew" }
  /** Another has it. */
  | { readonly type: "wait"; readonly holder: string };

/**
 * What is known of the lease after it was read at `now`. The times in it are by the calendar of who wrote them and are
 * compared with nothing: a holder has gone when this candidate has seen the same version for as long as the lease lasts,
 * much as Kubernetes' own election has it (client-go, tools/leaderelection). A lease that is not there leaves what was
 * seen of it: who held it does not know yet that somebody deleted it.
 */
export function sight(
  before: Sighting | undefined,
  lease: Lease | undefined,
  { duration }: Candidate,
  now: number,
): Sighting | undefined {
  if (lease === undefined) return before;
  const { spec = {}, metadata } = lease;
  const version = metadata.resourceVersion;
  if (before !== undefined && before.version === version) return before;
  // Replicas of two configurations, or an edited lease: the longer one is safe.
  const own = (spec.leaseDurationSeconds ?? 0) * 1_000;
  return { version, holder: spec.holderIdentity ?? "", since: now, duration: Math.max(duration, own) };
}

/** What a candidate does about the lease as it read it, with what `sight` knows of it. */
export function decide(
  lease: Lease | undefined,
  sighting: Sighting | undefined,
  { identity }: Candidate,
  now: number,
): Step {
  const holder = sighting?.holder ?? "";
  if (lease !== undefined && holder === identity) return { type: "renew" };
  const free = sighting === undefined || holder === "" || holder === identity;
  if (!free && now < sighting.since + sighting.duration) return { type: "wait", holder };
  return lease === undefined ? { type: "create" } : { type: "take" };
}

/** The lease's spec after the step, with the time of this candidate's calendar. What else stands in it stays. */
export function specAfter(
  step: "create" | "take" | "renew" | "release",
  before: LeaseSpec,
  { identity, duration }: Candidate,
  time: Date,
): LeaseSpec {
  const renewTime = microTime(time);
  if (step === "release") return { ...before, holderIdentity: "", renewTime };
  const held = {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(duration / 1_000),
    renewTime,
  };
  if (step === "renew") return held;
  const transitions = before.leaseTransitions ?? 0;
  const leaseTransitions = step === "create" ? transitions : transitions + 1;
  return { ...held, acquireTime: renewTime, leaseTransitions };
}
