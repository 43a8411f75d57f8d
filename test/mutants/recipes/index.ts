// Well-formed sets of policies, by recipe. Which set it is depends on the recipe's name and the seed alone.
import { Random } from "../../fuzz/random.ts";
import { platforms } from "../platforms.ts";
import type { PolicySetCase } from "../set.ts";
import { World } from "../world.ts";
import * as applications from "./applications.ts";
import * as basics from "./basics.ts";
import * as namespaces from "./namespaces.ts";
import * as outside from "./outside.ts";

type Recipe = (world: World) => void;

/** By name within each module: whether the names of a module come in order depends on who loads it. */
const recipes: Readonly<Record<string, Recipe>> = Object.fromEntries(
  [basics, applications, outside, namespaces].flatMap((module: Readonly<Record<string, Recipe>>) =>
    Object.entries(module).sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
);

export const recipeNames: readonly string[] = Object.keys(recipes);

/** The set that the recipe makes of the seed. */
export function makeSet(recipe: string, seed: number): PolicySetCase {
  const cook = Object.hasOwn(recipes, recipe) ? recipes[recipe] : undefined;
  if (cook === undefined) throw new Error(`no recipe ${recipe}: ${recipeNames.join(", ")}`);
  const random = new Random(seed, recipeNames.indexOf(recipe));
  // Every second cluster is as kubeadm leaves it, of the others all come up.
  const platform = random.chance(0.5) ? platforms[0] : random.pick(platforms);
  const world = new World(random, platform);
  cook(world);
  return world.finished(recipe, seed);
}

/** So many sets of each recipe. */
export function makeSets(seeds: number): PolicySetCase[] {
  return recipeNames.flatMap((recipe) => Array.from({ length: seeds }, (_, seed) => makeSet(recipe, seed)));
}
