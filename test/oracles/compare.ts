import { naiveAllows } from "../network/naive/evaluator.ts";
import { productOf } from "../network/naive/product.ts";
import { portText, statesOf } from "./case.ts";
import type { OracleCase, OracleSource, State, Table } from "./case.ts";

/** One connection of one step, and what each of the three says of it. */
export interface Cell {
  readonly oracle: OracleCase;
  /** Beginning with 1. */
  readonly step: number;
  /** As `80/TCP`. */
  readonly port: string;
  readonly from: string;
  readonly to: string;
  /** `undefined`: the source does not say. */
  readonly stated: boolean | undefined;
  readonly naive: boolean;
  /** `undefined`: unknown. */
  readonly product: boolean | undefined;
}

/** A difference that is known and meant. */
export interface Explanation {
  readonly id: string;
  readonly why: string;
  readonly explains: (cell: Cell) => boolean;
}

export interface Difference extends Cell {
  readonly explanation: Explanation | undefined;
}

/** What came of the comparison of some cases. */
export interface Result {
  readonly cases: number;
  readonly steps: number;
  /** Cells of which the source says something: there all three must say the same. */
  readonly stated: Count;
  /** Cells of which it does not: there the product and the naive evaluator must. */
  readonly unstated: Count;
  readonly differences: readonly Difference[];
}

export interface Count {
  readonly cells: number;
  readonly agreeing: number;
}

/** Known differences. One that explains nothing any more makes the comparison fail. */
export const explanations: readonly Explanation[] = [
  {
    id: "a pod and itself",
    why:
      "cyclonus' engine applies policies to what a pod sends itself like to any other connection. Kubernetes' documentation " +
      "says that a pod cannot block access to itself, its tests leave these cells out because plugins differ " +
      "(kubernetes/kubernetes#95879), and cyclonus can leave them out too (`--ignore-loopback`). Ringfence says that a pod " +
      "always reaches itself.",
    explains: ({ oracle, from, to, stated, naive, product }) =>
      oracle.id.startsWith("cyclonus/") && from === to && stated === false && naive && product === true,
  },
];

/** Holds every cell of these cases against the product's evaluator and the naive one. */
export function compare(cases: readonly OracleCase[]): Result {
  const [stated, unstated] = [
    { cells: 0, agreeing: 0 },
    { cells: 0, agreeing: 0 },
  ];
  const differences: Difference[] = [];
  for (const cell of cases.flatMap((oracle) => [...cellsOf(oracle)])) {
    const count = cell.stated === undefined ? unstated : stated;
    count.cells += 1;
    if (agree(cell)) count.agreeing += 1;
    else differences.push({ ...cell, explanation: explanations.find(({ explains }) => explains(cell)) });
  }
  const steps = cases.reduce((sum, oracle) => sum + oracle.steps.length, 0);
  return { cases: cases.length, steps, stated, unstated, differences };
}

/** A source with what came of its cases, by group in the order in which they come, and in sum. */
export interface SourceResult {
  readonly source: OracleSource;
  readonly groups: ReadonlyMap<string, Result>;
  readonly total: Result;
}

export function compareSource(source: OracleSource): SourceResult {
  const members = Map.groupBy(source.cases, ({ group }) => group);
  const groups = new Map([...members].map(([group, cases]) => [group, compare(cases)]));
  return { source, groups, total: [...groups.values()].reduce(add) };
}

function add(a: Result, b: Result): Result {
  const count = (x: Count, y: Count): Count => ({
    cells: x.cells + y.cells,
    agreeing: x.agreeing + y.agreeing,
  });
  return {
    cases: a.cases + b.cases,
    steps: a.steps + b.steps,
    stated: count(a.stated, b.stated),
    unstated: count(a.unstated, b.unstated),
    differences: [...a.differences, ...b.differences],
  };
}

function agree({ stated, naive, product }: Cell): boolean {
  return product === naive && (stated === undefined || stated === naive);
}

function* cellsOf(oracle: OracleCase): Generator<Cell> {
  const states = statesOf(oracle);
  for (const [i, step] of oracle.steps.entries()) {
    const state = states[i];
    if (state === undefined) throw new Error(`${oracle.id} has no state after step ${i + 1}`);
    const product = productOf(state.cluster);
    for (const table of step.tables) {
      for (const { from, to, stated } of connections(oracle, state, table)) {
        const traffic = { from: from.end, to: to.end, ...table.port };
        yield {
          oracle,
          step: i + 1,
          port: portText(table.port),
          from: from.name,
          to: to.name,
          stated,
          // What the API's text leaves open plays no part here: names of ports and ranges never meet in one rule.
          naive: naiveAllows(state.cluster, traffic, { namedPortsOfRanges: false }),
          product: product(traffic).allowed,
        };
      }
    }
  }
}

/** Every pair of ends, at least one of them a pod, with what the table says of it. */
function* connections(oracle: OracleCase, { ends }: State, { rows, stated }: Table) {
  const names = ends.map(({ name }) => name);
  const square = stated.length === ends.length && stated.every((row) => row.length === ends.length);
  if (!square || (rows !== undefined && rows.join() !== names.join()))
    throw new Error(`${oracle.id}: the rows and columns of a table must be ${names.join(", ")}`);
  for (const [i, from] of ends.entries()) {
    for (const [j, to] of ends.entries()) {
      if ("ip" in from.end && "ip" in to.end) continue;
      yield { from, to, stated: stated[i]?.[j] };
    }
  }
}
