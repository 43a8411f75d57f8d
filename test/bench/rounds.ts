import { attack, ask, type AttackOptions } from "./attack.ts";
import { heldNamespace, namespaceName, type ClusterSize } from "./cluster.ts";
import type { Cores } from "./cores.ts";
import { loadOf, type Measurement, type Plan } from "./plan.ts";
import { policyReview, type Outcome } from "./reviews.ts";
import type { Server, Servers } from "./servers.ts";
import { median } from "./statistics.ts";
import { usageOf } from "./usage.ts";

/** Of one server under one kind of load. */
export interface Figures {
  readonly perSecond: number;
  /** User and system time of the server's process, per request, in microseconds. */
  readonly cpuMicros: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** After the load. */
  readonly rssMiB: number;
}

/** One turn: one server after the other, within seconds; a held request has no bare counterpart. */
export interface Turn {
  readonly ringfence: Figures;
  readonly bare?: Figures;
}

/** All turns of all rounds, and their medians. */
export interface Result extends Turn {
  readonly measurement: Measurement;
  readonly turns: readonly Turn[];
  readonly toBare?: Comparison;
}

/** Ringfence against the bare server. */
export interface Comparison {
  /** How many times the bare server's CPU a request costs. */
  readonly cpuRatio: number;
  /** Milliseconds above the bare server's. */
  readonly p99Above: number;
}

/** A cluster under measurement, and the servers that stand before it. */
export interface Side {
  readonly size: ClusterSize;
  readonly servers: Servers;
}

/** How load is made. */
export interface LoadOptions {
  readonly cores: Cores;
  readonly vegeta: string;
  readonly directory: string;
}

export interface RoundsOptions extends LoadOptions {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly progress: (line: string) => void;
}

/** Bodies of one measurement: as many namespaces take part, one after the other. */
const namespacesAsked = 100;

/** Measures everything that is planned: all servers in turn, all of it again in every round. */
export async function measureRounds(options: RoundsOptions): Promise<Result[]> {
  const { plan, sides, progress } = options;
  const rows = plan.measurements.flatMap((measurement): Row[] => {
    const side = sides.find(({ size }) => size.id === measurement.cluster);
    return side === undefined ? [] : [{ measurement, side, turns: [] }];
  });
  for (const { measurement, side } of rows) {
    if (measurement.pace.kind !== "closed") continue;
    for (const server of [side.servers.bare, side.servers.ringfence]) {
      await measure(server, measurement, side, plan.warmUpSeconds, options);
    }
  }
  // The same load in both clusters, which are compared as well.
  const alike = [...Map.groupBy(rows, ({ measurement }) => loadOf(measurement)).values()];
  for (let round = 1; round <= plan.rounds; round++) {
    for (const group of alike) {
      const names = group.map(({ measurement }) => measurement.name).join(", ");
      progress(`${names}: round ${round} of ${plan.rounds}`);
      for (const row of inTurn(group)) row.turns.push(await measureTurn(row, options));
    }
  }
  return rows.map(({ measurement, turns }) => summary(measurement, turns));
}

/** A measurement with its cluster and all that was measured so far. */
interface Row {
  readonly measurement: Measurement;
  readonly side: Side;
  readonly turns: Turn[];
}

/** Each as often as it has turns, one after the other. */
function inTurn(rows: readonly Row[]): Row[] {
  const turns = Math.max(...rows.map(({ measurement }) => measurement.turns));
  return Array.from({ length: turns }, () => rows).flat();
}

async function measureTurn({ measurement, side }: Row, options: RoundsOptions): Promise<Turn> {
  const of = (server: Server): Promise<Figures> =>
    measure(server, measurement, side, measurement.seconds, options);
  const bare = measurement.outcome === "held" ? {} : { bare: await of(side.servers.bare) };
  return { ...bare, ringfence: await of(side.servers.ringfence) };
}

/**
 * The medians of all turns. The servers are compared within each turn, and the median of these counts: a host whose pace
 * changes from one minute to the next gives both servers of a turn the same, but not two turns.
 */
export function summary(measurement: Measurement, turns: readonly Turn[]): Result {
  const ringfence = medians(turns.map((turn) => turn.ringfence));
  const pairs = turns.flatMap(({ ringfence, bare }) => (bare === undefined ? [] : [{ ringfence, bare }]));
  if (pairs.length === 0) return { measurement, turns, ringfence };
  const toBare = {
    cpuRatio: median(pairs.map(({ ringfence, bare }) => ringfence.cpuMicros / bare.cpuMicros)),
    p99Above: median(pairs.map(({ ringfence, bare }) => ringfence.p99 - bare.p99)),
  };
  return { measurement, turns, ringfence, bare: medians(pairs.map(({ bare }) => bare)), toBare };
}

/** How many times the CPU of the other a request costs: the median of what each turn gives by itself. */
export function cpuAgainst(one: Result, other: Result): number {
  return median(
    other.turns.flatMap(({ ringfence }, index) => {
      const compared = one.turns[index];
      return compared === undefined ? [] : [compared.ringfence.cpuMicros / ringfence.cpuMicros];
    }),
  );
}

async function measure(
  server: Server,
  measurement: Measurement,
  { size, servers }: Side,
  seconds: number,
  options: RoundsOptions,
): Promise<Figures> {
  const { outcome, pace } = measurement;
  const bodies = bodiesOf(measurement, size);
  const check = (answer: string): void => {
    if (server.name === "Ringfence") refuseOtherOutcome(answer, outcome);
  };
  return await underLoad(server, servers, { bodies, pace, seconds, check }, options);
}

/** What is sent to a server, and what it must answer. */
export interface Load extends Pick<AttackOptions, "bodies" | "pace" | "seconds" | "connections"> {
  /** Throws where the answer to the first body is not the one meant; all answers are as long as that one. */
  readonly check: (answer: string) => void;
}

/** Asks once, then measures the server under load. */
export async function underLoad(
  server: Server,
  { authorityFile, authorityPem }: Servers,
  { check, ...wanted }: Load,
  { cores, vegeta, directory }: LoadOptions,
): Promise<Figures> {
  const url = `${server.url}/validate?timeout=3s`;
  const answer = await ask(url, authorityPem, wanted.bodies[0] ?? "");
  check(answer);
  const load: AttackOptions = {
    vegeta,
    prefix: cores.load,
    url,
    authorityFile,
    ...wanted,
    directory,
    answerBytes: Buffer.byteLength(answer),
  };
  const before = await usageOf(server.pid);
  const result = await attack(load);
  const after = await usageOf(server.pid);
  return {
    perSecond: result.perSecond,
    cpuMicros: ((after.cpuMs - before.cpuMs) * 1000) / result.requests,
    p50: result.p50,
    p99: result.p99,
    rssMiB: after.rssMiB,
  };
}

/** Spread over the cluster, each review of another namespace. */
function bodiesOf({ policy, outcome }: Measurement, { namespaces }: ClusterSize): string[] {
  if (outcome === "held") return [policyReview(heldNamespace, policy, outcome)];
  const count = Math.min(namespaces, namespacesAsked);
  const step = namespaces / count;
  return Array.from({ length: count }, (_, index) =>
    policyReview(namespaceName(Math.floor(index * step)), policy, outcome),
  );
}

/** The figures of a request that is not judged as meant would say nothing. */
function refuseOtherOutcome(answer: string, outcome: Outcome): void {
  const { response } = JSON.parse(answer) as {
    response: { allowed: boolean; status?: { message: string }; warnings?: string[] };
  };
  const message = response.status?.message ?? "";
  const right = {
    allowed: response.allowed && response.warnings === undefined,
    denied: !response.allowed && message.includes("or-ed-selectors"),
    held: !response.allowed && message.includes("missing-dns-egress"),
  };
  if (!right[outcome]) throw new Error(`Ringfence should have given: ${outcome}. It answered: ${answer}`);
}

/** Of each figure. */
export function medians(all: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(all.map((figures) => figures[name]));
  return {
    perSecond: of("perSecond"),
    cpuMicros: of("cpuMicros"),
    p50: of("p50"),
    p99: of("p99"),
    rssMiB: of("rssMiB"),
  };
}
