import type { ViewPart } from "../model/cluster-view.ts";
import { judgesKind, type Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import type { Operation, SubjectKind } from "../model/subject.ts";

/** A rule with what the configuration says of it. */
interface Configured {
  readonly rule: Rule;
  readonly options: unknown;
}

/** Rules that judge requests of one kind, and what is the same for all of these requests. */
export class RuleSet {
  readonly rules: readonly Rule[];
  /** What of the view they need between them. */
  readonly needs: readonly ViewPart[];
  #last: { readonly settings: Settings; readonly configured: readonly Configured[] } | undefined;

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.needs = [...new Set(rules.flatMap(({ needs }) => needs))];
  }

  /** The rules with their options, which change with the configuration alone: looked up once for each. */
  under(settings: Settings): readonly Configured[] {
    if (this.#last?.settings !== settings) {
      const configured = this.rules.map((rule) => ({ rule, options: settings.rules.get(rule.id) }));
      this.#last = { settings, configured };
    }
    return this.#last.configured;
  }
}

/** Those of the rules that judge such requests. */
export function ruleSet(rules: readonly Rule[], kind: SubjectKind, operation: Operation): RuleSet {
  return new RuleSet(rules.filter((rule) => judgesKind(rule, kind) && rule.operations.includes(operation)));
}
