import type { Rule } from "#src/model/rule.ts";
import { Random } from "../fuzz/random.ts";
import { noticedInApply, noticedInEach, noticedInEdit, type Noticed } from "./judge.ts";
import type { Mutator } from "./mutator.ts";
import { mutators } from "./mutators/index.ts";
import { cutOff } from "./oracle.ts";
import type { PolicySetCase } from "./set.ts";

/** What became of one set with one mistake in it. */
export interface MutantResult {
  readonly mutator: Mutator;
  readonly set: PolicySetCase;
  readonly mutant: PolicySetCase;
  /** Whether the mistake does harm here; where it does none nobody has to notice it. */
  readonly harmful: boolean;
  /** Whether pods are cut off from DNS, as the naive evaluator sees it. */
  readonly cutOff: boolean;
  /** What is said when the policies are applied, and was not said of the sound set's. */
  readonly applied: readonly Noticed[];
  /** What is said of the edit that makes the mistake. */
  readonly edit: readonly Noticed[];
}

/** What became of one sound set and of all its mutants. */
export interface SetResult {
  readonly set: PolicySetCase;
  readonly cutOff: boolean;
  /** What is said when the policies are applied, and when each comes as the last of them. */
  readonly said: readonly Noticed[];
  readonly mutants: readonly MutantResult[];
}

/** Judges the set and each of its mutants: baseline is enforced, and what restricted says besides warns. */
export async function runSet(set: PolicySetCase): Promise<SetResult> {
  const sound = await noticedInApply(set, "both");
  const mutants: MutantResult[] = [];
  for (const [index, mutator] of mutators.entries()) {
    const result = await runMutant(set, sound, mutator, new Random(set.seed, 1_000 + index));
    if (result !== undefined) mutants.push(result);
  }
  const said = [...sound, ...(await noticedInEach(set, "both"))];
  return { set, cutOff: cutOff(set, "UDP").size > 0, said, mutants };
}

async function runMutant(
  set: PolicySetCase,
  sound: readonly Noticed[],
  mutator: Mutator,
  random: Random,
): Promise<MutantResult | undefined> {
  const made = mutator.mutate(set, random);
  if (made === undefined) return undefined;
  const mutant = { ...set, ...made };
  const applied = await noticedInApply(mutant, "both");
  const edit = await noticedInEdit(set, mutant, "both");
  return {
    mutator,
    set,
    mutant,
    harmful: mutator.harms?.(mutant, set) ?? true,
    cutOff: cutOff(mutant, "UDP").size > 0,
    applied: applied.filter((one) => !sound.some((other) => isSame(one, other))),
    edit,
  };
}

function isSame(a: Noticed, b: Noticed): boolean {
  return a.policy === b.policy && a.rule === b.rule && a.key === b.key && a.effect === b.effect;
}

/** What a mutant's rule owes: it is caught, it is not, it does no harm, or the rule is not there yet. */
export type Outcome = "caught" | "unnoticed" | "harmless" | "not yet";

/** Whether the rule that must notice the mistake did, when the policies are applied and when the sound set is edited. */
export function outcomeOf(result: MutantResult, rules: readonly Rule[]): Outcome {
  const { mutator, set, mutant, harmful, applied, edit } = result;
  const rule = rules.find(({ id }) => id === mutator.rule);
  const speaks = (all: readonly Noticed[]) =>
    all.some((one) => one.rule === mutator.rule && (one.effect === "deny" || one.effect === "warn"));
  // Some rules judge a change alone, and some say nothing of a DELETE.
  const isDeletion = mutant.policies.every((policy) => set.policies.includes(policy));
  const saysNothing = isDeletion && rule?.operations.includes("DELETE") === false;
  if ((saysNothing || speaks(edit)) && (rule?.judges === "change" || speaks(applied))) return "caught";
  if (!harmful) return "harmless";
  return rule === undefined ? "not yet" : "unnoticed";
}

/** Everything in the result that must not be: one line each, empty where all is well. */
export function faultsOf(result: SetResult, rules: readonly Rule[]): string[] {
  const { set, said, mutants } = result;
  const where = `${set.recipe} ${set.seed} (${set.platform.name})`;
  const sound = [
    ...(result.cutOff ? ["cut off from DNS: the recipe is wrong"] : []),
    ...falseAlarms(said, new Set()),
  ];
  return [
    ...sound.map((fault) => `${where}: ${fault}`),
    ...mutants.flatMap((mutant) =>
      faultsOfMutant(mutant, rules).map((fault) => `${where}, ${mutant.mutator.id}: ${fault}`),
    ),
  ];
}

function faultsOfMutant(result: MutantResult, rules: readonly Rule[]): string[] {
  const { mutator, harmful, cutOff: isCutOff, applied, edit } = result;
  const dns = "missing-dns-egress";
  const expected = new Set(mutator.rule === dns ? mutator.also : [...(mutator.also ?? []), mutator.rule]);
  if (isCutOff) expected.add(dns);
  // Where the policy that opens DNS is refused for another fault, the others lack it.
  const refused = applied.some(({ rule, effect }) => rule !== dns && effect === "deny");
  const faults = [
    ...falseAlarms(edit, expected),
    ...falseAlarms(applied, refused ? new Set([...expected, dns]) : expected),
  ];
  const outcome = outcomeOf(result, rules);
  if (outcome === "unnoticed") faults.push(`${mutator.rule} does not notice it`);
  const denies = applied.some(({ rule, effect }) => rule === dns && effect === "deny");
  if (isCutOff && !denies) faults.push(`pods are cut off from DNS and ${dns} denies none of the policies`);
  const profile = rules.find(({ id }) => id === mutator.rule)?.profile;
  if (outcome === "caught" && harmful && profile === "baseline" && mutator.rule !== dns) {
    if (!applied.some(({ rule, effect }) => rule === mutator.rule && effect === "deny"))
      faults.push(`${mutator.rule} of baseline notices it and does not deny it`);
  }
  return faults;
}

/** Denials by baseline that are not to be expected. */
function falseAlarms(all: readonly Noticed[], expected: ReadonlySet<string>): string[] {
  return all
    .filter(({ profile, effect, rule }) => profile === "baseline" && effect === "deny" && !expected.has(rule))
    .map(({ policy, rule }) => `${policy} is denied by ${rule}`);
}
