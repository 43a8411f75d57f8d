import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import { usualSeeds, withSeededFaults } from "../../scripts/mutants/report.ts";
import { Random } from "../fuzz/random.ts";
import { deniedTogether, noticedInEdit } from "./judge.ts";
import { mutators } from "./mutators/index.ts";
import { ordersOf } from "./orders.ts";
import { makeSet, makeSets, recipeNames } from "./recipes/index.ts";
import { runSet, type SetResult } from "./run.ts";
import { tallyOf } from "./tally.ts";

/** A part of what npm run test:mutants takes. */
const seeds = 2;
const sets = makeSets(seeds);

describe("sets of policies made by recipe", () => {
  it.each(recipeNames)(
    "%s: no finding of baseline, and each mistake is noticed by its rule",
    async (recipe) => {
      const results = await Promise.all(sets.filter((set) => set.recipe === recipe).map(runSet));
      const { faults, mutants } = tallyOf(results, newestOf(rules));
      expect(faults).toEqual([]);
      expect(mutants).toBeGreaterThan(seeds * 5);
    },
  );

  it.each(recipeNames)("%s: applied all at once, in whatever order, none is denied", async (recipe) => {
    const set = makeSet(recipe, 1);
    for (const order of ordersOf(set.policies, new Random(1, 7)))
      expect(await deniedTogether(set, "baseline", order)).toEqual([]);
  });

  it("depend on recipe and seed alone", () => {
    for (const recipe of recipeNames) expect(makeSet(recipe, 2)).toEqual(makeSet(recipe, 2));
    expect(makeSet("threeTiers", 1)).not.toEqual(makeSet("threeTiers", 2));
  });
});

it("the table in docs/reference/oracles.md is what npm run test:mutants -- --write would write", async () => {
  const results: SetResult[] = [];
  for (const set of makeSets(usualSeeds)) results.push(await runSet(set));
  const page = readFileSync(new URL("../../docs/reference/oracles.md", import.meta.url), "utf8");
  const tally = tallyOf(results, newestOf(rules));
  expect(tally.faults).toEqual([]);
  expect(withSeededFaults(page, tally, newestOf(rules))).toBe(page);
}, 600_000);

describe("mutators", () => {
  it("are many, each with its own id, and none without a place in one of the sets", () => {
    expect(new Set(mutators.map(({ id }) => id)).size).toBe(mutators.length);
    expect(mutators.length).toBeGreaterThanOrEqual(15);
    const placeless = mutators.filter(({ mutate }) =>
      sets.every((set) => mutate(set, new Random(set.seed, 3)) === undefined),
    );
    expect(placeless.map(({ id }) => id)).toEqual([]);
  });

  const promised = mutators.filter(({ baselineCannot, rule }) => {
    const profile = newestOf(rules).find(({ id }) => id === rule)?.profile;
    // What baseline promises must be a rule of baseline.
    return baselineCannot === undefined && profile !== undefined;
  });

  it.each(promised.map((mutator) => [mutator.id, mutator] as const))(
    "%s: the edit is denied in a namespace that asks for baseline alone",
    async (_, mutator) => {
      let edits = 0;
      for (const set of sets) {
        const made = mutator.mutate(set, new Random(set.seed, 3));
        if (made === undefined) continue;
        const mutant = { ...set, ...made };
        // A DELETE only warns, and what does no harm is not to be denied.
        if (mutant.policies.length < set.policies.length || mutator.harms?.(mutant, set) === false) continue;
        const said = await noticedInEdit(set, mutant, "baseline");
        const own = said.filter(({ rule }) => rule === mutator.rule).map(({ effect }) => effect);
        if (mutator.id !== "dns-of-the-documentation") expect(own).toContain("deny");
        else expect(own.every((effect) => effect === "deny" || effect === "warn")).toBe(true);
        edits += 1;
      }
      expect(edits).toBeGreaterThan(0);
    },
  );
});
