import type { Direction } from "../wire/network-policy.ts";
import { compareText } from "./labels.ts";
import type { AllowEntry, CompiledPolicy } from "./policy.ts";

/** The policies of one namespace at one moment. Never changed: a change makes another set. */
export interface PolicySet {
  readonly namespace: string;
  /** Counts the states of the namespace; `hypothetical` for a set that is only thought of. */
  readonly generation: number;
  /** In the order of their names. */
  readonly policies: readonly CompiledPolicy[];
  get(name: string): CompiledPolicy | undefined;
}

/** The generation of sets that never stood: nothing derived from them may be kept under it. */
export const hypothetical = -1;

class SortedPolicies implements PolicySet {
  readonly namespace: string;
  readonly policies: readonly CompiledPolicy[];
  readonly generation: number;

  constructor(namespace: string, policies: readonly CompiledPolicy[], generation: number) {
    this.namespace = namespace;
    this.policies = policies;
    this.generation = generation;
  }

  get(name: string): CompiledPolicy | undefined {
    return this.policies.find((policy) => policy.name === name);
  }
}

/** Makes a set; of two policies with one name the later counts. */
export function policySet(
  namespace: string,
  policies: Iterable<CompiledPolicy>,
  generation: number = hypothetical,
): PolicySet {
  const byName = new Map<string, CompiledPolicy>();
  for (const policy of policies) byName.set(policy.name, policy);
  const sorted = [...byName.values()].sort((a, b) => compareText(a.name, b.name));
  return new SortedPolicies(namespace, sorted, generation);
}

/** The set with this policy in the place of the one of its name, or added. */
export function withPolicy(set: PolicySet, policy: CompiledPolicy, generation = hypothetical): PolicySet {
  const { policies } = set;
  const place = placeOf(policy.name, policies);
  let end = place;
  while (policies[end]?.name === policy.name) end++;
  return new SortedPolicies(set.namespace, policies.toSpliced(place, end - place, policy), generation);
}

/** Where a policy of this name stands, or would. By halves: each name that is looked at lies elsewhere in memory. */
function placeOf(name: string, policies: readonly CompiledPolicy[]): number {
  let [low, high] = [0, policies.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareText(policies[middle]?.name ?? "", name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The set without the policy of this name. */
export function withoutPolicy(set: PolicySet, name: string, generation = hypothetical): PolicySet {
  return policySet(
    set.namespace,
    set.policies.filter((policy) => policy.name !== name),
    generation,
  );
}

/** The set with companions in the place of those of their names; beside a policy of somebody else with the name both count. */
export function withCompanions(
  policies: readonly CompiledPolicy[],
  namespace: string,
  companions: readonly CompiledPolicy[],
): PolicySet {
  const written = new Set(companions.map(({ name }) => name));
  const kept = policies.filter(({ companion, name }) => !companion || !written.has(name));
  const sorted = [...kept, ...companions].sort((one, other) => compareText(one.name, other.name));
  return new SortedPolicies(namespace, sorted, hypothetical);
}

/** Whether a policy isolates the pods that it selects in this direction; terminating ones no longer count. */
export function isolates(
  policy: Pick<CompiledPolicy, "isolates" | "terminating">,
  direction: Direction,
): boolean {
  return policy.isolates[direction] && !policy.terminating;
}

/** The policies that isolate in this direction. */
export function isolating(set: PolicySet, direction: Direction): readonly CompiledPolicy[] {
  return set.policies.filter((policy) => isolates(policy, direction));
}

/** An entry together with the policy it belongs to. */
export interface UnionEntry {
  readonly policy: CompiledPolicy;
  readonly entry: AllowEntry;
}

/** Everything that the set opens in this direction, by terminating policies too. */
export function union(set: PolicySet, direction: Direction): readonly UnionEntry[] {
  return set.policies.flatMap((policy) => policy[direction].map((entry) => ({ policy, entry })));
}
