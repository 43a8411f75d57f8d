import { atLeast, type Modes } from "../model/profile.ts";
import type { Fix, Rule } from "../model/rule.ts";
import { holdsAt } from "../model/rule-versions.ts";
import type { PolicySubject } from "../model/subject.ts";
import type { Judged, Verdict } from "../model/verdict.ts";
import type { JsonPatchOperation } from "../wire/json-patch.ts";
import type { Views } from "./before.ts";
import { requestBudget } from "./budget.ts";
import type { Engine } from "./engine.ts";
import { classify, type JudgeOptions, nothingFound, skip, whySkipped } from "./judge.ts";
import { evaluate } from "./evaluate.ts";
import { whyNotExcused } from "./excuses.ts";
import { patched } from "./patched.ts";
import { ruleSet } from "./rule-set.ts";
import { cut } from "./cut.ts";
import { noteSuffix } from "./texts.ts";

/** What a rule with a repair found that the repair should remove, and the object as it is then. */
interface Repaired {
  readonly subject: PolicySubject;
  readonly operations: readonly JsonPatchOperation[];
  readonly findings: readonly Judged[];
}

export interface RepairOptions extends JudgeOptions {
  /** The view around a request, made anew for the object as it is after each repair. */
  readonly views: (subject: PolicySubject) => Views;
}

/**
 * The safe repairs of one policy, in the order of the rules, each on the outcome of the one before. Only rules of the
 * namespace's `patch` profile, and only for what the request itself brings and nothing excuses. Its own output gives no
 * further repair. Never denies.
 */
export function repair(subject: PolicySubject, engine: Engine, options: RepairOptions): Verdict {
  const skipped = whySkipped(subject, options.settings);
  if (skipped !== undefined) return skip(skipped);
  const rules = engine.rules.filter((rule) => rule.fix !== undefined && patches(rule, options.modes));
  if (rules.length === 0 || isTooLarge(subject, engine, options)) return nothingFound;
  const operations: JsonPatchOperation[] = [];
  const warnings: string[] = [];
  const findings: Judged[] = [];
  const repairedBy: string[] = [];
  let current = subject;
  for (const rule of rules) {
    if (rule.fix === undefined) continue;
    const repaired = repairOne(current, rule, rule.fix, engine, options);
    if (repaired === undefined) continue;
    current = repaired.subject;
    operations.push(...repaired.operations);
    findings.push(...repaired.findings);
    repairedBy.push(rule.id);
    warnings.push(patchedText(rule.id, rule.fix, subject, engine, options));
  }
  return {
    allowed: true,
    warnings,
    auditAnnotations: repairedBy.length === 0 ? {} : { patched: repairedBy.join(", ") },
    ...(operations.length === 0 ? {} : { patch: operations }),
    findings,
    unknown: [],
    failed: [],
  };
}

/** What was done, what to do about it, and why a waiver or an exception did not keep it from being done. */
function patchedText(
  rule: string,
  fix: Fix,
  subject: PolicySubject,
  engine: Engine,
  { settings }: RepairOptions,
): string {
  const suffix = noteSuffix(
    whyNotExcused(rule, subject, settings, { known: engine.rules, now: engine.now() }),
  );
  const text = `${rule}: patched: ${fix.warning}; correct the manifest: it differs from what is stored`;
  return `${cut(text, 256 - suffix.length)}${suffix}`;
}

/** What is too large for the other rules is not repaired either. */
function isTooLarge(subject: PolicySubject, engine: Engine, options: RepairOptions): boolean {
  const bounds = engine.rules.filter((rule) => rule.bounds === true);
  const rules = ruleSet(bounds, subject.kind, subject.operation);
  return evaluate(subject, options.views(subject).after, { ...options, rules }).findings.length > 0;
}

function patches(rule: Rule, modes: Modes): boolean {
  const { profile, version } = modes.patch;
  if (rule.profile !== "baseline" && rule.profile !== "restricted") return false;
  return atLeast(profile, rule.profile) && holdsAt(rule, version);
}

function repairOne(
  subject: PolicySubject,
  rule: Rule,
  fix: Fix,
  engine: Engine,
  options: RepairOptions,
): Repaired | undefined {
  const { settings } = options;
  const views = options.views(subject);
  const rules = ruleSet([rule], subject.kind, subject.operation);
  const evaluation = evaluate(subject, views.after, { rules, settings, expired: options.expired });
  const [failure] = evaluation.failed;
  // Nothing is repaired on the word of a rule that failed; failurePolicy decides, as in /validate.
  if (failure !== undefined) throw failure.error;
  const findings = classify(subject, evaluation, views, engine, options).filter(
    (judged) => judged.introduced && judged.excused === undefined,
  );
  if (findings.length === 0 || subject.object === undefined) return undefined;
  const context = {
    view: views.after,
    options: settings.rules.get(rule.id),
    settings,
    budget: requestBudget(options.expired),
  };
  const operations = fix.operations(subject, context);
  if (operations.length === 0) return undefined;
  const object = patched(subject.object, operations);
  if (object === undefined) return undefined;
  return { subject: { ...subject, object, compiled: engine.compile(object) }, operations, findings };
}
