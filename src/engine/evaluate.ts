import type { ClusterView, ViewPart } from "../model/cluster-view.ts";
import type { Finding } from "../model/finding.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { RingfenceError } from "../errors.ts";
import { requestBudget } from "./budget.ts";
import type { RuleSet } from "./rule-set.ts";

export interface Evaluation {
  readonly findings: readonly { readonly rule: Rule; readonly finding: Finding }[];
  /** Rules that could not answer, and what they lack: a part of the view, or the meaning of a kind of policy. */
  readonly unknown: readonly { readonly rule: string; readonly missing: string }[];
  /** Rules that threw, with what they threw: a bug of ours. */
  readonly failed: readonly { readonly rule: Rule; readonly error: unknown }[];
}

/** Where no rule was run. */
export const nothingEvaluated: Evaluation = { findings: [], unknown: [], failed: [] };

export interface EvaluateOptions {
  /** Made for requests of the subject's kind and operation. */
  readonly rules: RuleSet;
  readonly settings: Settings;
  /** Whether the request's time is used up; asked before the first rule, and then by the rules through their budget. */
  readonly expired: () => boolean;
}

/** What a rule counts for, in things looked at: of those that do little, every tenth looks at the clock. */
const ofRule = 100;

/**
 * Runs the rules on one subject. Pure and synchronous; which they are is chosen by whoever knows modes, kind and operation.
 * @throws RingfenceError RF_ERR_DEADLINE when the time is used up: HTTP 500, failurePolicy decides.
 */
export function evaluate(subject: Subject, view: ClusterView, options: EvaluateOptions): Evaluation {
  const { settings } = options;
  const rules = options.rules.under(settings);
  if (rules.length === 0) return nothingEvaluated;
  const findings: { rule: Rule; finding: Finding }[] = [];
  const unknown: { rule: string; missing: string }[] = [];
  const failed: { rule: Rule; error: unknown }[] = [];
  // One for all, which each rule finds with all its steps: two dozen of them would be most of what is made here.
  const budget = requestBudget(options.expired);
  const lacking = new Lacking(view, subject.namespace, options.rules.needs);
  if (options.expired()) throw new RingfenceError("RF_ERR_DEADLINE", "the request's time was used up");
  // One for all as well: no rule keeps it beyond its findings.
  const context = { view, options: undefined as unknown, settings, budget };
  for (const { rule, options: configured } of rules) {
    budget.tick(ofRule);
    const missing = lacking.for(rule);
    if (missing !== undefined) {
      unknown.push({ rule: rule.id, missing });
      continue;
    }
    try {
      context.options = configured;
      budget.renew();
      const found = rule.check(subject, context);
      // Most find nothing: iterators would be the most that this loop makes.
      if (found.length > 0) for (const finding of found) findings.push({ rule, finding });
    } catch (error) {
      // Rules throw no errors of the table: it is the budget's, and says that the time is used up.
      if (error instanceof RingfenceError) throw error;
      failed.push({ rule, error });
    }
  }
  return { findings, unknown, failed };
}

/** Whether a rule concludes from what all policies of the namespace do together. */
export function asksTheSet({ judges, needs }: Pick<Rule, "judges" | "needs">): boolean {
  return judges === "set" || needs.includes("policies");
}

/** What the view lacks of one namespace. Each part is asked for once, and two dozen rules need the same few. */
class Lacking {
  /** A kind of policy that stands there and is not judged. */
  readonly #unmodelled: string | undefined;
  readonly #parts: readonly ViewPart[];

  constructor(view: ClusterView, namespace: string, needs: readonly ViewPart[]) {
    this.#unmodelled = view.unmodelledPolicies(namespace)[0]?.name;
    this.#parts = needs.filter((part) => !knows(view, part, namespace));
  }

  /** What a rule lacks. What one concludes from the modelled policies alone may be wrong beside others. */
  for(rule: Rule): string | undefined {
    if (this.#unmodelled !== undefined && asksTheSet(rule)) return this.#unmodelled;
    // So it is for most requests.
    if (this.#parts.length === 0) return undefined;
    return rule.needs.find((part) => this.#parts.includes(part));
  }
}

function knows(view: ClusterView, part: ViewPart, namespace: string): boolean {
  switch (part) {
    case "namespaces":
      return view.namespaces !== undefined;
    case "policies":
      return view.policies(namespace) !== undefined;
    case "workloads":
      return view.workloads(namespace) !== undefined;
    case "services":
      return view.services(namespace) !== undefined;
    case "routes":
      return view.routes(namespace) !== undefined;
    case "backends":
      return view.backends(namespace) !== undefined;
    case "apiServer":
      return view.apiServer !== undefined;
    case "dns":
      return view.dns.known;
    case "addresses":
      return view.addresses !== undefined;
  }
}
