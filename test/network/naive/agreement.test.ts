import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { clusters, everyTraffic } from "./clusters.ts";
import { naiveAllows } from "./evaluator.ts";
import type { NaiveCluster, Traffic } from "./evaluator.ts";
import { productOf } from "./product.ts";

/** The naive verdict, or `undefined` where the API's text leaves it open. */
function expected(cluster: NaiveCluster, traffic: Traffic): boolean | undefined {
  const narrow = naiveAllows(cluster, traffic, { namedPortsOfRanges: false });
  const wide = naiveAllows(cluster, traffic, { namedPortsOfRanges: true });
  return narrow === wide ? narrow : undefined;
}

function describeTraffic({ from, to, protocol, port }: Traffic): string {
  const end = (one: Traffic["from"]): string =>
    "namespace" in one ? `${one.namespace}/${one.name}` : one.ip;
  return `${end(from)} -> ${end(to)}:${port}/${protocol}`;
}

test.prop([clusters], { numRuns: 300 })("the product's evaluator agrees with the naive one", (cluster) => {
  const product = productOf(cluster);
  for (const traffic of everyTraffic(cluster)) {
    const { allowed } = product(traffic);
    if (allowed !== expected(cluster, traffic)) {
      expect.fail(`${describeTraffic(traffic)}: ${allowed}, naive ${expected(cluster, traffic)}`);
    }
  }
});

test.prop([clusters, fc.infiniteStream(fc.nat())], { numRuns: 100 })(
  "no answer depends on the order of policies, rules, peers, ports or keys",
  (cluster, stream) => {
    const next = (): number => stream.next().value as number;
    const product = productOf(cluster);
    const turned = productOf({
      ...cluster,
      policies: shuffled(cluster.policies, next) as NaiveCluster["policies"],
    });
    for (const traffic of everyTraffic(cluster)) {
      if (turned(traffic).allowed !== product(traffic).allowed) expect.fail(describeTraffic(traffic));
    }
  },
);

/** Every list and every object's keys in another order. */
function shuffled(value: unknown, next: () => number): unknown {
  if (Array.isArray(value))
    return shuffle(
      value.map((item) => shuffled(item, next)),
      next,
    );
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, shuffled(inner, next)] as const);
  return Object.fromEntries(shuffle(entries, next));
}

function shuffle<T>(items: readonly T[], next: () => number): T[] {
  const left = [...items];
  const turned: T[] = [];
  while (left.length > 0) turned.push(...left.splice(next() % left.length, 1));
  return turned;
}

it("the random clusters hold what they are for: both verdicts, and what the API leaves open", () => {
  const seen = new Map<boolean | undefined, number>();
  for (const cluster of fc.sample(clusters, { numRuns: 500, seed: 1 })) {
    for (const traffic of everyTraffic(cluster)) {
      const verdict = expected(cluster, traffic);
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
    }
  }
  for (const verdict of [true, false, undefined]) expect(seen.get(verdict) ?? 0).toBeGreaterThan(20);
});
