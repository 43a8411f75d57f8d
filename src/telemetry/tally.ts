import { Counter, type Registry } from "@prometheus-io/client";
import { ByValues } from "../by-values.ts";

/** What a counter is called and by what it counts. */
export interface Counted<Names extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: Names;
}

/**
 * Registers a counter and returns what adds one to it, given the values of its labels in their order. For counters of each
 * request: the library makes a key of all labels each time. Here it gets the sums when it is asked for them.
 */
export function tally<const Names extends readonly string[]>(
  registry: Registry,
  { labelNames, ...named }: Counted<Names>,
): (...values: { readonly [At in keyof Names]: string }) => void {
  const sums = new ByValues((values: { readonly [At in keyof Names]: string }) => ({ values, count: 0 }));
  new Counter({
    ...named,
    labelNames: [...labelNames],
    registers: [registry],
    collect(): void {
      for (const sum of sums.all()) {
        if (sum.count > 0) this.labels(...sum.values).inc(sum.count);
        sum.count = 0;
      }
    },
  });
  return (...values) => {
    sums.get(values).count++;
  };
}
