import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { sumOf } from "../control-plane/metrics.ts";
import { duration, type Progress } from "../control-plane/progress.ts";
import { startRingfence, type Ringfence } from "../control-plane/ringfence.ts";
import { until } from "../control-plane/wait.ts";
import { watchBirths, type Births } from "./births.ts";
import type { Cores } from "./cores.ts";
import { bundle, nodeCommand } from "./servers.ts";
import { percentile } from "./statistics.ts";
import { usageOf } from "./usage.ts";

/** How much is measured. */
export interface CompanionPlan {
  /** Namespaces made one after the other, each when the one before has its companions. */
  readonly oneByOne: number;
  /** Namespaces made as fast as the API server takes them. */
  readonly atOnce: number;
  /** Namespaces that stand at the end, and for how many seconds nothing then happens. */
  readonly standing: number;
  readonly quietSeconds: number;
}

export const companionPlan: CompanionPlan = {
  oneByOne: 300,
  atOnce: 1_000,
  standing: 5_000,
  quietSeconds: 180,
};
export const quickCompanionPlan: CompanionPlan = {
  oneByOne: 30,
  atOnce: 100,
  standing: 300,
  quietSeconds: 10,
};

/** Milliseconds from the request that creates a namespace until the last of its companions is stored. */
export interface BirthFigures {
  readonly namespaces: number;
  readonly p50: number;
  readonly p99: number;
  /** Until all of them had their companions. */
  readonly all: number;
}

export interface CompanionFigures {
  readonly oneByOne: BirthFigures;
  readonly atOnce: BirthFigures;
  /** Requests that write policies, by the API server's own count. */
  readonly writesPerNamespace: number;
  readonly quiet: {
    readonly namespaces: number;
    readonly seconds: number;
    readonly writes: number;
    /** Of one core. */
    readonly cpuPercent: number;
    readonly rssMiB: number;
    readonly peakRssMiB: number;
  };
}

/** What each of the namespaces declares, and how many companions that makes. */
const intent = { denyAll: true, allowIntraNamespace: true, allowEgressToNamespaces: ["kube-system"] };
export const companionsEach = 4;

function namespace(name: string): object {
  const labels = { "ringfence.dev/enforce": "baseline" };
  const annotations = { "ringfence.dev/network-policies": stringify(intent) };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels, annotations } };
}

interface Bench {
  readonly controlPlane: ControlPlane;
  readonly births: Births;
  readonly progress: Progress;
}

/** Measures the built bundle as the image starts it, registered, as the only replica. */
export async function measureCompanions(
  controlPlane: ControlPlane,
  plan: CompanionPlan,
  cores: Cores,
  progress: Progress,
): Promise<CompanionFigures> {
  const ringfence = await startRingfence(controlPlane, { command: [...nodeCommand(cores), bundle] });
  try {
    await untilLeads(ringfence);
    const births = await watchBirths(controlPlane, companionsEach, namespace);
    try {
      return await measure({ controlPlane, births, progress }, ringfence, plan);
    } finally {
      await births.stop();
    }
  } finally {
    await ringfence.stop();
  }
}

async function measure(bench: Bench, ringfence: Ringfence, plan: CompanionPlan): Promise<CompanionFigures> {
  const { controlPlane, births, progress } = bench;
  const before = await policyWrites(controlPlane);
  await (
    await births.create("bench-first")
  ).protectedAfter;
  const oneByOne = await bear(bench, names("single", plan.oneByOne), 1);
  progress(`${plan.oneByOne} namespaces one by one: p99 ${oneByOne.p99.toFixed(0)} ms`);
  const atOnce = await bear(bench, names("many", plan.atOnce), requestsAtOnce);
  progress(`${plan.atOnce} namespaces at once: all within ${duration(atOnce.all)}`);
  const there = 1 + plan.oneByOne + plan.atOnce;
  const rest = Math.max(0, plan.standing - there);
  if (rest > 0) {
    const { all } = await bear(bench, names("standing", rest), requestsAtOnce);
    progress(`${rest} more namespaces within ${duration(all)}`);
  }
  const writes = (await policyWrites(controlPlane)) - before;
  const quiet = await beQuiet(bench, ringfence, plan, there + rest);
  return { oneByOne, atOnce, writesPerNamespace: writes / (there + rest), quiet };
}

/** As many as the API server of a busy cluster has: it answers them one after the other all the same. */
const requestsAtOnce = 64;

async function bear(
  { births, progress }: Bench,
  all: readonly string[],
  parallel: number,
): Promise<BirthFigures> {
  const begin = performance.now();
  const times: Promise<number>[] = [];
  const rest = all.values();
  let complete = 0;
  const worker = async (): Promise<void> => {
    for (const name of rest) {
      const { protectedAfter } = await births.create(name);
      times.push(protectedAfter);
      const counted = protectedAfter.then(() => (complete += 1));
      if (parallel === 1) await counted;
    }
  };
  const telling = setInterval(() => {
    progress(`${complete} of ${all.length} namespaces, ${duration(performance.now() - begin)} so far`);
  }, 15_000);
  const create = async (): Promise<readonly number[]> => {
    await Promise.all(Array.from({ length: parallel }, worker));
    return await Promise.all(times);
  };
  const values = await create().finally(() => clearInterval(telling));
  return {
    namespaces: all.length,
    p50: percentile(values, 50),
    p99: percentile(values, 99),
    all: performance.now() - begin,
  };
}

/** Milliseconds after which what a start left to do is done: garbage, the compiler's work, reflectors' first lists. */
const settling = 30_000;

/**
 * Started anew, Ringfence finds everything as it is due, and has no Events left to write, which go out slowly. What it
 * writes from before that start on counts.
 */
async function beQuiet(
  { controlPlane, progress }: Bench,
  ringfence: Ringfence,
  { quietSeconds: seconds }: CompanionPlan,
  namespaces: number,
): Promise<CompanionFigures["quiet"]> {
  const [writes, { peakRssMiB }] = [await policyWrites(controlPlane), await usageOf(ringfence.pid())];
  await ringfence.halt();
  await ringfence.start();
  await untilLeads(ringfence);
  const name = "ringfence_companions";
  await until(
    "all companions to be found as they are due",
    async () =>
      sumOf(await ringfence.metrics(name), name, { state: "synced" }) === namespaces * companionsEach,
    { timeoutMs: 120_000, intervalMs: 1_000 },
  );
  await sleep(Math.min(settling, seconds * 1_000));
  const [usage, begin] = [await usageOf(ringfence.pid()), performance.now()];
  progress(`quiet for ${seconds} s`);
  await sleep(seconds * 1_000);
  const after = await usageOf(ringfence.pid());
  return {
    namespaces,
    seconds,
    writes: (await policyWrites(controlPlane)) - writes,
    cpuPercent: (100 * (after.cpuMs - usage.cpuMs)) / (performance.now() - begin),
    rssMiB: after.rssMiB,
    peakRssMiB: Math.max(peakRssMiB, after.peakRssMiB),
  };
}

async function untilLeads(ringfence: Ringfence): Promise<void> {
  await until("Ringfence to lead", async () => sumOf(await ringfence.metrics(), "ringfence_leader") === 1);
}

const writing = ["POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"];

/** Requests so far that write policies, whatever was answered; nobody but Ringfence makes any. */
async function policyWrites(controlPlane: ControlPlane): Promise<number> {
  const name = "apiserver_request_total";
  const samples = await controlPlane.metrics(name);
  const count = (verb: string): number => sumOf(samples, name, { resource: "networkpolicies", verb });
  return writing.reduce((sum, verb) => sum + count(verb), 0);
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-${prefix}-${String(index).padStart(4, "0")}`);
}
