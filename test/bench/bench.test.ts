import { expect, test } from "vitest";
import type { NetworkPolicy } from "../../src/wire/network-policy.ts";
import { companionsOf, companionsSection, withCompanions } from "./companions-page.ts";
import { goals } from "./goals.ts";
import { hardCases } from "./hard-cases.ts";
import { hardSet } from "./hard-cluster.ts";
import { hardReview } from "./hard-reviews.ts";
import { performancePage } from "./page.ts";
import { makePlan } from "./plan.ts";
import { policyReview, policySizes } from "./reviews.ts";
import { cpuAgainst, summary, type Figures, type Result } from "./rounds.ts";
import { imageNodeOptions, imageVariables } from "./servers.ts";
import { median, percentile } from "./statistics.ts";

test.each(policySizes)("the policy of %s has its size to within a tenth", (size) => {
  for (const outcome of ["allowed", "denied", "held"] as const) {
    const review = JSON.parse(policyReview("shop", size, outcome)) as { request: { object: object } };
    const kilobytes = JSON.stringify(review.request.object).length / 1000;
    expect(Math.abs(kilobytes / Number.parseFloat(size) - 1)).toBeLessThan(0.1);
  }
});

test("the plan holds every kind of load in both clusters; --only picks by name", () => {
  const all = makePlan({ quick: false, only: [] });
  expect(all.measurements).toHaveLength(18);
  expect(all.rounds).toBeGreaterThanOrEqual(3);
  for (const { name, pace, turns } of all.measurements) {
    expect(all.rounds * turns, name).toBeGreaterThanOrEqual(pace.kind === "closed" ? 30 : 5);
  }
  const some = makePlan({ quick: false, only: ["b/40KB/denied", "startup"] });
  expect(some.measurements.map(({ name }) => name)).toEqual(["b/40KB/denied/closed", "b/40KB/denied/paced"]);
  expect(some.clusters.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(makePlan({ quick: false, only: ["nothing"] }).clusters).toEqual([]);
});

test("the hard cases are measured beside the rest; --only hard leaves the rest out", () => {
  expect(makePlan({ quick: false, only: [] }).hard).toEqual(hardCases);
  const alone = makePlan({ quick: true, only: ["hard"] });
  expect(alone).toMatchObject({ hard: hardCases, measurements: [], startUp: false });
  expect(alone.clusters.map(({ id }) => id)).toEqual(["a"]);
  expect(makePlan({ quick: false, only: ["hard/pods"] }).hard).toEqual(["pods"]);
});

test("the hard cases are as large as they are called, and the same each time", () => {
  expect(hardSet("policies").policies).toHaveLength(500);
  expect(new Set(hardSet("pods").pods.map((labels) => JSON.stringify(labels))).size).toBe(2_000);
  const { request } = JSON.parse(hardReview("peers")) as { request: { object: NetworkPolicy } };
  const { ingress = [], egress = [] } = request.object.spec ?? {};
  const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)];
  // And the one of its own DNS rule.
  expect(peers).toHaveLength(1_001);
  for (const hard of hardCases) expect(hardSet(hard)).toEqual(hardSet(hard));
});

test("a hard review slower than the time of a judging misses its goal; the page shows it", () => {
  const result = (p99: number) => ({
    hard: "search" as const,
    figures: { perSecond: 2, cpuMicros: 1, p50: 1, p99, rssMiB: 1 },
  });
  const measured = { results: [], peakRss: [], hard: [result(500), result(501)] };
  expect(goals(measured).map(({ met }) => met)).toEqual([true, false]);
  const plan = makePlan({ quick: true, only: ["hard"] });
  const page = performancePage({ measured, plan, kubernetesVersion: "v1", cores: "", date: new Date(0) });
  expect(page).toContain("## Hard reviews");
  expect(page).toContain("501.0 ms");
});

test("the server is started with the variables and options of the image", () => {
  expect(imageVariables()).toEqual(
    expect.arrayContaining([
      "MALLOC_ARENA_MAX=1",
      "MALLOC_MMAP_THRESHOLD_=131072",
      "MALLOC_TRIM_THRESHOLD_=131072",
    ]),
  );
  expect(imageNodeOptions()).toContain("--max-old-space-size=160");
});

test("the median of an even count is the mean of the two in the middle", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
});

test("a goal is missed where the figure is above its limit", () => {
  const figures = (cpuMicros: number): Figures => ({ perSecond: 1, cpuMicros, p50: 1, p99: 1, rssMiB: 1 });
  const [measurement] = makePlan({ quick: true, only: ["a/1.6KB/allowed/closed"] }).measurements;
  if (measurement === undefined) throw new Error("no measurement");
  const result = (cpu: number): Result =>
    summary(measurement, [{ ringfence: figures(cpu), bare: figures(100) }]);
  const met = (cpu: number) =>
    goals({ results: [result(cpu)], peakRss: [{ cluster: "b", peakMiB: 201 }] }).map((goal) => goal.met);
  expect(met(180)).toEqual([true, false]);
  expect(met(181)).toEqual([false, false]);
});

test("a host that slows down for a round changes no comparison", () => {
  const [measurement] = makePlan({ quick: true, only: ["a/1.6KB/allowed/closed"] }).measurements;
  if (measurement === undefined) throw new Error("no measurement");
  const figures = (pace: number, cost: number): Figures => {
    return { perSecond: 1, cpuMicros: pace * cost, p50: 1, p99: pace + cost, rssMiB: 1 };
  };
  // The host's pace, and how many times the bare server's work that round was.
  const turns = [
    { pace: 1, cost: 1.5 },
    { pace: 9, cost: 1.4 },
    { pace: 1, cost: 1.6 },
  ].map(({ pace, cost }) => ({ ringfence: figures(pace, cost), bare: figures(pace, 1) }));
  const { toBare } = summary(measurement, turns);
  expect(toBare?.cpuRatio).toBeCloseTo(1.5);
  expect(toBare?.p99Above).toBeCloseTo(0.5);
  const twice = turns.map(({ ringfence }) => ({
    ringfence: { ...ringfence, cpuMicros: ringfence.cpuMicros * 2 },
  }));
  expect(cpuAgainst(summary(measurement, twice), summary(measurement, turns))).toBeCloseTo(2);
});

test("a percentile is a value that was measured", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect([percentile(values, 50), percentile(values, 99), percentile([7], 99)]).toEqual([100, 198, 7]);
  expect(() => percentile([], 50)).toThrow("no value");
});

test("the section on companions is written beside the rest of the page, and again in its own place", () => {
  const section = (p99: number): string => {
    const births = { namespaces: 1, p50: 1, p99, all: 1 };
    const quiet = { namespaces: 1, seconds: 1, writes: 0, cpuPercent: 0, rssMiB: 1, peakRssMiB: 1 };
    return companionsSection({
      figures: { oneByOne: births, atOnce: births, writesPerNamespace: 4, quiet },
      machine: "a machine",
      cores: "a core",
      kubernetesVersion: "v1",
      date: new Date(0),
    });
  };
  const page = "# Performance\n\nFigures.\n";
  const first = withCompanions(page, section(5));
  expect(first.startsWith(page)).toBe(true);
  expect(companionsOf(first)).toBe(section(5));
  expect(companionsOf(page)).toBeUndefined();
  expect(withCompanions(first, section(6))).toBe(withCompanions(page, section(6)));
});
