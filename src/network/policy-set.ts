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

/** Makes a set; of two policies with one name the later counts. */
export function policySet(
  namespace: string,
  policies: Iterable<CompiledPolicy>,
  generation: number = hypothetical,
): PolicySet {
  const byName = new Map<string, CompiledPolicy>();
  for (const policy of policies) byName.set(policy.name, policy);
  const sorted = [...byName.values()].sort((a, b) => compareText(a.name, b.name));
  return {
    namespace,
    generation,
    policies: sorted,
    get: (name) => sorted.find((policy) => policy.name === name),
  };
}

/** The set with this policy in the place of the one of its name, or added. */
export function withPolicy(set: PolicySet, policy: CompiledPolicy, generation = hypothetical): PolicySet {
  return policySet(set.namespace, [...set.policies, policy], generation);
}

/** The set without the policy of this name. */
export function withoutPolicy(set: PolicySet, name: string, generation = hypothetical): PolicySet {
  return policySet(
    set.namespace,
    set.policies.filter((policy) => policy.name !== name),
    generation,
  );
}

/** The policies that isolate the pods they select in this direction; terminating ones no longer count. */
export function isolating(set: PolicySet, direction: Direction): readonly CompiledPolicy[] {
  return set.policies.filter((policy) => policy.isolates[direction] && !policy.terminating);
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
