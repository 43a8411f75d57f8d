import type { Rule } from "../../model/rule.ts";
import type { SubjectKind } from "../../model/subject.ts";

/** Types a rule: the messages it may speak are the keys of `messages`, its options the output of its schema. */
export function defineRule<const K extends SubjectKind, const M extends string, Options>(
  rule: Rule<K, M, Options>,
): Rule<K, M, Options> {
  return rule;
}
