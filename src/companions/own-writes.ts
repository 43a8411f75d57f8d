import { standingPolicy, type StandingPolicy } from "../view/companion-index.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";

/** What we know of a policy by our own hand, until the view has it from the API server. */
interface OwnWrite {
  /** As we wrote it; undefined: we removed it. */
  readonly record: StandingPolicy | undefined;
  /** The UID that is gone. */
  readonly removed: string | undefined;
  readonly at: number;
}

/**
 * Bridges the time between a write and its arrival in the view: what was written is not written again because the view
 * is behind. One that does not arrive is asked about.
 */
export interface OwnWrites {
  /** The API server has stored this, or nothing (undefined) in place of the UID. */
  note(namespace: string, name: string, policy: NetworkPolicy | undefined, uid: string): void;
  /** The view has this now. */
  arrived(namespace: string, name: string, after: StandingPolicy | undefined): void;
  /** What stands, as the view and our own writes have it. */
  over(namespace: string, standing: ReadonlyMap<string, StandingPolicy>): ReadonlyMap<string, StandingPolicy>;
  /** Names of which the view should have heard by now. */
  overdue(namespace: string): readonly string[];
  /** Milliseconds until the next one is overdue; undefined: all have arrived. */
  untilOverdue(namespace: string): number | undefined;
  forget(namespace: string): void;
}

/** Milliseconds for which the view may be behind before the API server is asked. */
const patience = 15_000;

export function createOwnWrites(now: () => number): OwnWrites {
  const namespaces = new Map<string, Map<string, OwnWrite>>();
  const drop = (namespace: string, name: string): void => {
    const writes = namespaces.get(namespace);
    writes?.delete(name);
    if (writes?.size === 0) namespaces.delete(namespace);
  };
  return {
    note(namespace, name, policy, uid) {
      const writes = namespaces.get(namespace) ?? new Map<string, OwnWrite>();
      namespaces.set(namespace, writes);
      const record = policy === undefined ? undefined : standingPolicy(policy);
      writes.set(name, { record, removed: record === undefined ? uid : undefined, at: now() });
    },
    arrived(namespace, name, after) {
      const write = namespaces.get(namespace)?.get(name);
      if (write !== undefined && hasArrived(write, after)) drop(namespace, name);
    },
    over(namespace, standing) {
      const writes = namespaces.get(namespace);
      if (writes === undefined) return standing;
      const all = new Map(standing);
      for (const [name, write] of writes) {
        if (hasArrived(write, standing.get(name))) drop(namespace, name);
        else if (write.record === undefined) all.delete(name);
        else all.set(name, write.record);
      }
      return all;
    },
    overdue(namespace) {
      const due = now() - patience;
      return [...(namespaces.get(namespace) ?? [])].filter(([, { at }]) => at <= due).map(([name]) => name);
    },
    untilOverdue(namespace) {
      const writes = namespaces.get(namespace);
      if (writes === undefined) return undefined;
      return Math.max(0, Math.min(...[...writes.values()].map(({ at }) => at)) + patience - now());
    },
    forget: (namespace) => void namespaces.delete(namespace),
  };
}

function hasArrived({ record, removed }: OwnWrite, seen: StandingPolicy | undefined): boolean {
  if (record === undefined) return seen?.uid !== removed;
  return seen !== undefined && isAtLeast(seen.resourceVersion, record.resourceVersion);
}

/**
 * Whether a version is this one or a later one. Resource versions are decimal numbers that grow (KEP-5504); of any others
 * it is believed.
 */
export function isAtLeast(version: string, other: string): boolean {
  const decimal = /^[0-9]+$/;
  if (!decimal.test(version) || !decimal.test(other)) return true;
  return BigInt(version) >= BigInt(other);
}
