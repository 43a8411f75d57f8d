import type { NetworkPolicy } from "../wire/network-policy.ts";

/** What came of one write. */
export type Written =
  /** The policy as it is stored now; undefined: it is gone. */
  | { readonly result: "done"; readonly policy: NetworkPolicy | undefined }
  /** What stands is not what the view had: it is on its way to the view. */
  | { readonly result: "moved" }
  /** The namespace is gone, or going: the normal end of its companions. */
  | { readonly result: "ended" }
  /** The API server refused, or could not be reached. */
  | { readonly result: "refused"; readonly text: string; readonly retryAfter: number };

/** The version of an object that is meant, and no other. */
export interface Version {
  readonly uid: string;
  readonly resourceVersion: string;
}

/**
 * Writes NetworkPolicies in a namespace, each with its namespace and name in its metadata. Rejects only with the signal's
 * reason, or where this process may not write any more.
 */
export interface PolicyWriter {
  /** Creates a policy that is not there; one that is there is not touched. */
  create(policy: NetworkPolicy, signal: AbortSignal): Promise<Written>;
  /** Server-side apply onto this very version. */
  apply(policy: NetworkPolicy, onto: Version, signal: AbortSignal): Promise<Written>;
  /** Replaces the whole object, whose version is in its metadata. */
  replace(policy: NetworkPolicy, signal: AbortSignal): Promise<Written>;
  remove(namespace: string, name: string, version: Version, signal: AbortSignal): Promise<Written>;
  /** As it stands now in the API server; undefined: it does not; `unknown`: nobody can tell. */
  read(namespace: string, name: string, signal: AbortSignal): Promise<NetworkPolicy | undefined | "unknown">;
}
