import { ApiError } from "./api-error.ts";

/** When a reflector tries again. Milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly cap: number;
  /** Between attempts for a kind that may not be read. */
  readonly forbidden: number;
}

/** How the current run of failures went; a reflector that gets on starts a new one. */
export interface Failures {
  readonly count: number;
  /** Answers in a row that the kind may not be read or does not exist. */
  readonly refused: number;
}

export const noFailures: Failures = { count: 0, refused: 0 };

export interface Recovery {
  /** Milliseconds to wait. */
  readonly wait: number;
  /** Whether the objects must be listed anew: the place in the history where we stood is not served any more. */
  readonly relist: boolean;
  /** Whether the kind counts as unknown from now on. */
  readonly forbidden: boolean;
  readonly failures: Failures;
}

/** An API server that has just started refuses what it later permits: its roles are not loaded yet. */
const REFUSALS_BELIEVED = 3;
/** When the API server still answers with an error after so many failures in a row, the place in the history is suspected: an etcd restored from a backup is behind it. */
const FAILURES_UNTIL_RELIST = 5;
const LONGEST_RETRY_AFTER = 60_000;

/**
 * What a reflector does after an error. `random` is in [0, 1); the wait is spread over its upper half, so that the
 * reflectors of all replicas do not come back at once.
 */
export function recover(error: unknown, before: Failures, backoff: Backoff, random: number): Recovery {
  const status = error instanceof ApiError ? error.status : undefined;
  const refused = status === 403 || status === 404 ? before.refused + 1 : 0;
  const failures = { count: before.count + 1, refused };
  const forbidden = refused >= REFUSALS_BELIEVED;
  const gone = status === 410;
  // History that has passed is no sign of trouble; the first time it is listed anew at once.
  if (gone && before.count === 0) return { wait: 0, relist: true, forbidden: false, failures };
  const base = forbidden ? backoff.forbidden : Math.min(backoff.cap, backoff.first * 2 ** before.count);
  const asked = error instanceof ApiError ? Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER) : 0;
  return {
    wait: Math.max(asked, base * (0.5 + random / 2)),
    relist: gone || forbidden || (status !== undefined && failures.count >= FAILURES_UNTIL_RELIST),
    forbidden,
    failures,
  };
}
