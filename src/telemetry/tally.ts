import { Counter, type Registry } from "@prometheus-io/client";

interface Step {
  readonly next: Map<string, Step>;
  count: number;
}

/** What a counter is called and by what it counts. */
export interface Counted<Names extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: Names;
}

/**
 * Registers a counter and returns what adds one to it, given the values of its labels in their order. For counters of each
 * request: the library makes a key of all labels each time. Here each value leads to the next, and the library gets the
 * sums when it is asked for them.
 */
export function tally<const Names extends readonly string[]>(
  registry: Registry,
  { labelNames, ...named }: Counted<Names>,
): (...values: { readonly [At in keyof Names]: string }) => void {
  const root = newStep();
  new Counter({
    ...named,
    labelNames: [...labelNames],
    registers: [registry],
    collect(): void {
      handOver(root, [], (values, count) => {
        this.labels(...values).inc(count);
      });
    },
  });
  return (...values) => {
    let at = root;
    for (const value of values) {
      let next = at.next.get(value);
      if (next === undefined) at.next.set(value, (next = newStep()));
      at = next;
    }
    at.count++;
  };
}

function newStep(): Step {
  return { next: new Map(), count: 0 };
}

function handOver(
  step: Step,
  values: readonly string[],
  add: (values: readonly string[], count: number) => void,
): void {
  if (step.count > 0) add(values, step.count);
  step.count = 0;
  for (const [value, next] of step.next) handOver(next, [...values, value], add);
}
