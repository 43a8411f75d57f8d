import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { auditPolicy } from "../../control-plane/audit-log.ts";
import type { ControlPlane } from "../../control-plane/control-plane.ts";
import { isOf, leaseSeconds, requestsOf, type Replica } from "./replicas.ts";

/** An audit policy that notes what replicas ask of their Lease as well; what it returns is the file. */
export async function writeLeaseAuditPolicy(): Promise<string> {
  const leases = {
    level: "Metadata",
    namespaces: ["ringfence-system"],
    verbs: ["get", "create", "update"],
    resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
  };
  const file = join(await mkdtemp(join(tmpdir(), "ringfence-audit-")), "policy.yaml");
  await writeFile(file, JSON.stringify({ ...auditPolicy, rules: [leases, ...auditPolicy.rules] }));
  return file;
}

/** A request for the Lease that was granted, by the API server's clock, in milliseconds. */
interface Asked {
  readonly verb: string;
  readonly received: number;
  readonly answered: number;
}

async function askedBy(plane: ControlPlane, { credential }: Replica): Promise<readonly Asked[]> {
  const events = await plane.audit.events({ resource: "leases" });
  return events
    .filter(({ user, responseStatus }) => isOf(credential, user) && (responseStatus?.code ?? 500) < 300)
    .map(({ verb, requestReceivedTimestamp, stageTimestamp }) => ({
      verb,
      received: Date.parse(requestReceivedTimestamp),
      answered: Date.parse(stageTimestamp),
    }))
    .sort((a, b) => a.received - b.received);
}

const isWrite = ({ verb }: Asked): boolean => verb !== "get";

/** Timestamps are read in whole milliseconds. */
const rounding = 1;

interface Takeover {
  /** The last time that the one before wrote the Lease. */
  readonly last: Asked;
  /** What the other read since then, until it took the Lease. */
  readonly reads: readonly Asked[];
  readonly taken: Asked;
}

async function takeoverOf(plane: ControlPlane, before: Replica, other: Replica): Promise<Takeover> {
  const last = (await askedBy(plane, before)).findLast(isWrite);
  const since = (await askedBy(plane, other)).filter(
    ({ received }) => received > (last?.answered ?? Infinity),
  );
  const index = since.findIndex(isWrite);
  const taken = since[index];
  if (last === undefined || taken === undefined) throw new Error("the lease was not taken over");
  // Until then it wrote nothing, and tried nothing.
  expect(await requestsOf(plane, other, { before: taken.received })).toEqual([]);
  return { last, reads: since.slice(0, index), taken };
}

/**
 * The other took the Lease of one that has gone: not before its time was over, and with the first look after that. How
 * long that may take is nothing that a busy machine could answer; which look was the first one, the API server has noted.
 */
export async function expectTakenWhenOver(plane: ControlPlane, gone: Replica, other: Replica): Promise<void> {
  const { last, reads, taken } = await takeoverOf(plane, gone, other);
  const duration = leaseSeconds * 1_000;
  expect(taken.received - last.received, "time from the last renewal").toBeGreaterThanOrEqual(
    duration - rounding,
  );
  // The first look saw the last renewal; before the second one its answer had come: by then the time runs.
  const [, second] = reads;
  if (second === undefined) throw new Error("the other did not look at the lease while its time ran");
  const late = reads.filter(({ received }) => received - second.received > duration + rounding);
  expect(late.length, "looks at a lease whose time was over").toBeLessThanOrEqual(1);
}

/** The other took the Lease that was given back with its next look. */
export async function expectTakenAtOnce(plane: ControlPlane, before: Replica, other: Replica): Promise<void> {
  const { reads } = await takeoverOf(plane, before, other);
  expect(reads, "looks at a lease that is nobody's").toHaveLength(1);
}
