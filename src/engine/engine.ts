import type { CompiledPolicy } from "../network/policy.ts";
import type { Modes } from "../model/profile.ts";
import type { Rule } from "../model/rule.ts";
import type { Operation, SubjectKind } from "../model/subject.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { speaksUnder } from "./effects.ts";
import { ruleSet, type RuleSet } from "./rule-set.ts";

/** What the engine is made of; passed in, the same for every request. */
export interface Engine {
  readonly rules: readonly Rule[];
  /** The rules that speak about such a request under these modes. */
  readonly speaking: (modes: Modes, kind: SubjectKind, operation: Operation) => Speaking;
  /** The rules that judge policies of system namespaces. */
  readonly system: readonly Rule[];
  /** The rules that judge what an update does to a policy's metadata alone. */
  readonly metadata: readonly Rule[];
  readonly compile: (policy: NetworkPolicy) => CompiledPolicy;
  readonly now: () => Date;
}

/** Rules that speak. */
export interface Speaking {
  /** Those that bound what an object may cost: they come before the others. */
  readonly bounds: RuleSet;
  readonly others: RuleSet;
}

/** Joins the parts; which rules speak is worked out once for each `Modes`, of which a cluster has few. */
export function createEngine(parts: Pick<Engine, "rules" | "compile" | "now">): Engine {
  const known = new WeakMap<Modes, Record<SubjectKind, Map<Operation, Speaking>>>();
  const choose = (modes: Modes, kind: SubjectKind, operation: Operation): Speaking => {
    const rules = parts.rules.filter((rule) => speaksUnder(rule, modes).length > 0);
    const of = (bounds: boolean): RuleSet =>
      ruleSet(
        rules.filter((rule) => (rule.bounds === true) === bounds),
        kind,
        operation,
      );
    return { bounds: of(true), others: of(false) };
  };
  return {
    ...parts,
    system: parts.rules.filter(({ system }) => system === true),
    metadata: parts.rules.filter(({ metadata }) => metadata === true),
    speaking: (modes, kind, operation) => {
      let ofModes = known.get(modes);
      if (ofModes === undefined)
        known.set(modes, (ofModes = { NetworkPolicy: new Map(), Namespace: new Map() }));
      let speaking = ofModes[kind].get(operation);
      if (speaking === undefined) ofModes[kind].set(operation, (speaking = choose(modes, kind, operation)));
      return speaking;
    },
  };
}
