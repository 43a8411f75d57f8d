import type { Rule } from "#src/model/rule.ts";
import type { Noticed } from "./judge.ts";
import type { Mutator } from "./mutator.ts";
import { mutators } from "./mutators/index.ts";
import { faultsOf, outcomeOf, type MutantResult, type Outcome, type SetResult } from "./run.ts";

/** What became of all mutants of one mutator. */
export interface Row {
  readonly mutator: Mutator;
  readonly mutants: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** In how many mutants each rule denied or warned. */
  readonly byRule: ReadonlyMap<string, number>;
  /** Of how many mutants no rule said anything. */
  readonly silent: number;
}

export interface Tally {
  readonly sets: number;
  readonly recipes: number;
  readonly mutants: number;
  readonly rows: readonly Row[];
  /** In how many sound sets each rule denied or warned. */
  readonly sound: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
}

/** Counts the results. */
export function tallyOf(results: readonly SetResult[], rules: readonly Rule[]): Tally {
  const all = results.flatMap(({ mutants }) => mutants);
  return {
    sets: results.length,
    recipes: new Set(results.map(({ set }) => set.recipe)).size,
    mutants: all.length,
    rows: mutators.map((mutator) =>
      rowOf(
        mutator,
        all.filter((result) => result.mutator === mutator),
        rules,
      ),
    ),
    sound: countRules(results.map(({ said }) => said)),
    faults: results.flatMap((result) => faultsOf(result, rules)),
  };
}

function rowOf(mutator: Mutator, results: readonly MutantResult[], rules: readonly Rule[]): Row {
  const outcomes = { caught: 0, unnoticed: 0, harmless: 0, "not yet": 0 };
  for (const result of results) outcomes[outcomeOf(result, rules)] += 1;
  const said = results.map(({ applied, edit }) => [...applied, ...edit]);
  return {
    mutator,
    mutants: results.length,
    outcomes,
    byRule: countRules(said),
    silent: said.filter((all) => rulesOf(all).size === 0).length,
  };
}

function rulesOf(all: readonly Noticed[]): Set<string> {
  return new Set(all.filter(({ effect }) => effect === "deny" || effect === "warn").map(({ rule }) => rule));
}

function countRules(all: readonly (readonly Noticed[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const said of all) {
    for (const rule of rulesOf(said)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)));
}
