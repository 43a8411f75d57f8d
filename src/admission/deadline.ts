import { parseGoDuration } from "./go-duration.ts";

/** What kube-apiserver's own default would be is 10 s; ours is what the shipped webhooks are registered with. */
const defaultTimeout = 3_000;
/** timeoutSeconds is at most 30 (admissionregistration.k8s.io/v1). */
const longestTimeout = 30_000;
/** Kept back for the way home: the answer must arrive before the API server gives up. */
const longestMargin = 500;

/**
 * Milliseconds that a request may take here, from the value of `?timeout=` that kube-apiserver sends: that time less a
 * margin of a fifth, at most 500 ms. What cannot be read counts as absent: 3 s.
 */
export function ownDeadline(timeout: unknown): number {
  const asked = typeof timeout === "string" ? parseGoDuration(timeout) : undefined;
  const budget = Math.min(asked ?? defaultTimeout, longestTimeout);
  return budget - Math.min(budget / 5, longestMargin);
}
