import type { ViewPart } from "../model/cluster-view.ts";
import { judgesKind, type Rule } from "../model/rule.ts";
import type { Operation, SubjectKind } from "../model/subject.ts";

/** Rules that judge requests of one kind, and what of the view they need between them. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly needs: readonly ViewPart[];
}

/** Those of the rules that judge such requests. */
export function ruleSet(rules: readonly Rule[], kind: SubjectKind, operation: Operation): RuleSet {
  const judging = rules.filter((rule) => judgesKind(rule, kind) && rule.operations.includes(operation));
  return { rules: judging, needs: [...new Set(judging.flatMap(({ needs }) => needs))] };
}
