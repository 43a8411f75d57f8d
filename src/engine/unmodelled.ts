import type { ClusterView, UnmodelledPolicies } from "../model/cluster-view.ts";
import type { Modes } from "../model/profile.ts";
import type { Rule } from "../model/rule.ts";
import { speaksUnder } from "./effects.ts";
import { asksTheSet, type Evaluation } from "./evaluate.ts";
import { cut } from "./cut.ts";
import { plural } from "./texts.ts";

/** How many kinds the warning names. */
const named = 3;

/**
 * One line that names the kinds of policies beside which rules of the set cannot answer, and those rules; none where
 * all could, or only `audit` asked for them: the audit annotation says it then.
 */
export function unmodelledWarnings(
  namespace: string,
  view: ClusterView,
  evaluation: Evaluation,
  rules: readonly Rule[],
  modes: Modes,
): readonly string[] {
  const kinds = view.unmodelledPolicies(namespace);
  if (kinds.length === 0) return none;
  const unknown = new Set(evaluation.unknown.map(({ rule }) => rule));
  const [first, ...others] = rules.filter(
    (rule) => asksTheSet(rule) && unknown.has(rule.id) && speaksAloud(rule, modes),
  );
  if (first === undefined) return none;
  const more = others.length === 0 ? "" : ` and ${plural(others.length, "other rule")}`;
  const told = kinds.slice(0, named).map(textOf);
  if (kinds.length > named) told.push(`and ${plural(kinds.length - named, "other kind")}`);
  return [cut(`${first.id}${more}: unknown here: ${told.join("; ")}`, 256)];
}

const none: readonly string[] = [];

function speaksAloud(rule: Rule, modes: Modes): boolean {
  return speaksUnder(rule, modes).some((mode) => mode !== "audit");
}

function textOf({ name, where }: UnmodelledPolicies): string {
  switch (where) {
    case "namespace":
      return `the namespace holds ${name}, which is not judged yet`;
    case "cluster":
      return `the cluster holds ${name}, which is not judged yet`;
    case "unreadable":
      return `${name} cannot be read and may stand here`;
  }
}
