import type { Pace } from "./attack.ts";
import type { ClusterSize } from "./cluster.ts";
import { hardCases, type HardCase } from "./hard-cases.ts";
import { policySizes, type Outcome, type PolicySize } from "./reviews.ts";

/** One row of the result: a kind of request at a pace, in a cluster of a size. */
export interface Measurement {
  /** "b/40KB/denied/paced" */
  readonly name: string;
  readonly cluster: ClusterSize["id"];
  readonly policy: PolicySize;
  readonly outcome: Outcome;
  readonly pace: Pace;
  /** How often it is made in one round, in turn with what it is compared with, and the seconds of load each time. */
  readonly turns: number;
  readonly seconds: number;
}

export interface Plan {
  readonly clusters: readonly ClusterSize[];
  readonly measurements: readonly Measurement[];
  /** Measured in the first cluster, after everything else there. */
  readonly hard: readonly HardCase[];
  readonly startUp: boolean;
  /** How often everything is gone through; each measurement is made in each round as often as it has turns. */
  readonly rounds: number;
  /** Of load in one measurement of a hard case. */
  readonly seconds: number;
  /** Of load before the first, for each kind of request. */
  readonly warmUpSeconds: number;
}

const closed: Pace = { kind: "closed" };
const paced: Pace = { kind: "paced", perSecond: 500 };
/** Half a second each, so fifty wait at once: below the limit beyond which Ringfence denies without waiting. */
const heldPace: Pace = { kind: "paced", perSecond: 100 };

type Kind = Pick<Measurement, "policy" | "outcome" | "pace">;

const kinds: readonly Kind[] = [
  ...policySizes.flatMap((policy) =>
    (["allowed", "denied"] as const).flatMap((outcome) =>
      [closed, paced].map((pace) => ({ policy, outcome, pace })),
    ),
  ),
  { policy: "1.6 KB", outcome: "held", pace: heldPace },
];

export interface PlanOptions {
  readonly quick: boolean;
  /** Texts; what is measured holds one of them in its name. Empty: everything. */
  readonly only: readonly string[];
}

/**
 * What is measured, the same kind in both clusters one after the other. Start-up is called "startup", hard cases
 * "hard/pods" and the like.
 */
export function makePlan({ quick, only }: PlanOptions): Plan {
  const wanted = (name: string): boolean => only.length === 0 || only.some((text) => name.includes(text));
  const sizes: ClusterSize[] = [
    { id: "a", namespaces: 10 },
    { id: "b", namespaces: quick ? 200 : 5_000 },
  ];
  const seconds = quick ? 2 : 2.5;
  const often = (kind: Kind): Often =>
    quick || kind.pace.kind !== "closed" ? { turns: 1, seconds } : inTurns;
  const measurements = kinds
    .flatMap((kind) =>
      sizes.map(({ id }) => ({ ...kind, ...often(kind), cluster: id, name: `${id}/${loadOf(kind)}` })),
    )
    .filter(({ name }) => wanted(name));
  const startUp = wanted("startup");
  const hard = hardCases.filter((each) => wanted(`hard/${each}`));
  const needed = new Set<string>(measurements.map(({ cluster }) => cluster));
  if (startUp || hard.length > 0) needed.add("a");
  return {
    clusters: sizes.filter(({ id }) => needed.has(id)),
    measurements,
    hard,
    startUp,
    rounds: quick ? 1 : 7,
    seconds,
    warmUpSeconds: quick ? 1 : 3,
  };
}

type Often = Pick<Measurement, "turns" | "seconds">;

/**
 * Of the closed loop. On a host with neighbours the CPU of a request differs by a fifth from one second to the next.
 * Against that only the number of comparisons helps: medians of 7 were off by 0.2 where those of 40 were off by 0.08. Of the
 * paced load the p99 is compared, which asks for many requests in one measurement.
 */
const inTurns: Often = { turns: 5, seconds: 1 };

/** "40KB/denied/paced": what is the same in both clusters. */
export function loadOf({ policy, outcome, pace }: Kind): string {
  return `${policy.replace(" ", "")}/${outcome}/${pace.kind}`;
}
