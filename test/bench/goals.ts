import { hardTexts } from "./hard-cases.ts";
import type { HardResult } from "./hard-rounds.ts";
import { cpuAgainst, type Result } from "./rounds.ts";
import type { StartUp } from "./start-up.ts";

/** Everything that was measured. */
export interface Measured {
  readonly results: readonly Result[];
  /** The most memory that Ringfence ever had in each cluster, in MiB. */
  readonly peakRss: readonly { readonly cluster: "a" | "b"; readonly peakMiB: number }[];
  readonly startUp?: StartUp | undefined;
  readonly hard?: readonly HardResult[];
}

/** What was aimed at, and what came of it. */
export interface Goal {
  readonly text: string;
  readonly limit: string;
  readonly figure: string;
  readonly met: boolean;
}

const cpuLimits = { "1.6 KB": { most: 1.8, aim: 1.5 }, "40 KB": { most: 1.3, aim: 1.2 } } as const;
const sizeTolerance = 1.1;
const p99AboveLimit = 2;
const rssLimit = 200;
const startUpLimit = 2;
/** Milliseconds: what src/admission/decide.ts gives one judging, after which the answer is HTTP 500. */
const judgingLimit = 500;

/** Holds the figures against the goals; a goal whose figures were not measured is left out. */
export function goals(measured: Measured): Goal[] {
  const { results } = measured;
  return [
    ...results.filter(isClosed).flatMap(cpuGoal),
    ...results.filter(isClosed).flatMap((result) => sizeGoal(result, results)),
    ...results.filter(({ measurement }) => measurement.pace.kind === "paced").flatMap(latencyGoal),
    ...measured.peakRss.filter(({ cluster }) => cluster === "b").map(rssGoal),
    ...(measured.startUp === undefined ? [] : [startUpGoal(measured.startUp)]),
    ...(measured.hard ?? []).map(hardGoal),
  ];
}

function isClosed({ measurement }: Result): boolean {
  return measurement.pace.kind === "closed";
}

function cpuGoal(result: Result): Goal[] {
  if (result.toBare === undefined) return [];
  const { cpuRatio } = result.toBare;
  const { policy } = result.measurement;
  const { most, aim } = cpuLimits[policy];
  return [
    {
      text: `CPU per request, ${what(result)}, against the bare server`,
      limit: `at most ${most} (aim ${aim})`,
      figure: cpuRatio.toFixed(2),
      met: cpuRatio <= most,
    },
  ];
}

/** What the same costs in the larger cluster, measured seconds later. */
function sizeGoal(result: Result, results: readonly Result[]): Goal[] {
  const { cluster, policy, outcome } = result.measurement;
  const large = results.find(
    ({ measurement }) =>
      measurement.cluster === "b" &&
      measurement.policy === policy &&
      measurement.outcome === outcome &&
      measurement.pace.kind === "closed",
  );
  if (cluster !== "a" || large === undefined) return [];
  const factor = cpuAgainst(large, result);
  return [
    {
      text: `CPU per request in (b) against (a), ${policy} ${outcome}`,
      limit: `at most ${sizeTolerance.toFixed(2)}`,
      figure: factor.toFixed(2),
      met: factor <= sizeTolerance,
    },
  ];
}

function latencyGoal(result: Result): Goal[] {
  const { toBare, measurement } = result;
  if (toBare === undefined || measurement.pace.kind !== "paced") return [];
  return [
    {
      text: `p99 at ${measurement.pace.perSecond} requests/s, ${what(result)}, above the bare server's`,
      limit: `at most ${p99AboveLimit} ms`,
      figure: `${toBare.p99Above.toFixed(1)} ms`,
      met: toBare.p99Above <= p99AboveLimit,
    },
  ];
}

function rssGoal({ peakMiB }: Measured["peakRss"][number]): Goal {
  return {
    text: "Most memory ever (peak RSS) in (b)",
    limit: `below ${rssLimit} MiB`,
    figure: `${peakMiB.toFixed(0)} MiB`,
    met: peakMiB < rssLimit,
  };
}

function startUpGoal({ ready, bareImport, ratio }: StartUp): Goal {
  return {
    text: `Start of the process to /readyz 200 in (a), against an import of the bundle (${bareImport.toFixed(0)} ms)`,
    limit: `at most ${startUpLimit.toFixed(1)}`,
    figure: `${ratio.toFixed(2)} (${ready.toFixed(0)} ms)`,
    met: ratio <= startUpLimit,
  };
}

function hardGoal({ hard, figures: { p99 } }: HardResult): Goal {
  return {
    text: `p99 of a hard review, ${hardTexts[hard]}`,
    limit: `at most ${judgingLimit} ms`,
    figure: `${p99.toFixed(1)} ms`,
    met: p99 <= judgingLimit,
  };
}

function what({ measurement }: Result): string {
  return `${measurement.policy} ${measurement.outcome} in (${measurement.cluster})`;
}
