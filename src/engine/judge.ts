import { isDeepStrictEqual } from "node:util";
import type { Modes } from "../model/profile.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import type { PolicySubject, Subject } from "../model/subject.ts";
import type { Judged, Skipped, Verdict } from "../model/verdict.ts";
import { RingfenceError } from "../errors.ts";
import { openedBefore, subjectBefore, type Views } from "./before.ts";
import { requestBudget } from "./budget.ts";
import { introduces, standing, type Standing } from "./compare.ts";
import { effectOf, speaksUnder, systemEffect } from "./effects.ts";
import type { Engine } from "./engine.ts";
import { evaluate, nothingEvaluated, type Evaluation } from "./evaluate.ts";
import { isExempt } from "./exemptions.ts";
import { exceptionFor } from "./exceptions.ts";
import { mayBeExcused, whyNotExcused } from "./excuses.ts";
import { ruleSet, type RuleSet } from "./rule-set.ts";
import { standingWarnings } from "./standing.ts";
import { unmodelledWarnings } from "./unmodelled.ts";
import { verdict } from "./verdict.ts";
import { waiverFor } from "./waivers.ts";

export interface JudgeOptions {
  readonly settings: Settings;
  readonly modes: Modes;
  readonly expired: () => boolean;
}

/**
 * Judges one request: which rules speak here, what they find, what of it the request brings, and what follows.
 * @throws RingfenceError RF_ERR_DEADLINE or RF_ERR_RULE: HTTP 500, never a verdict.
 */
export function judge(subject: Subject, views: Views, engine: Engine, options: JudgeOptions): Verdict {
  const { settings, modes } = options;
  const skipped = whySkipped(subject, settings);
  if (skipped === "system") return judgeSystem(subject, views, engine, options);
  if (skipped === "no-change") return judgeMetadata(subject, views, engine, options);
  if (skipped !== undefined) return skip(skipped);
  const { bounds, others } = engine.speaking(modes, subject.kind, subject.operation);
  const size = evaluate(subject, views.after, { ...options, rules: bounds });
  const bySize = size.findings.length > 0 ? decidedBySize(subject, size, views, engine, options) : undefined;
  if (bySize !== undefined && !bySize.allowed) return bySize;
  // Where nothing is denied for its size, that is no way around the guards.
  const rest =
    bySize === undefined
      ? others
      : setFor(
          subject,
          others.rules.filter(({ profile }) => profile === "guard"),
        );
  const after = joined(size, evaluate(subject, views.after, { ...options, rules: rest }));
  refuseIfCouldDeny(after, modes);
  const notices =
    subject.kind === "Namespace"
      ? standingWarnings(subject, views.after, { ...engine, ...options })
      : unmodelledWarnings(subject.namespace, views.after, after, others.rules, modes);
  const silent = after.findings.length + after.unknown.length + after.failed.length + notices.length === 0;
  if (silent) return nothingFound;
  const findings = classify(subject, after, views, engine, options);
  const failed = after.failed.map(({ rule, error }) => ({ rule: rule.id, error }));
  return verdict(subject, { findings, notices, unknown: after.unknown, failed }, modes);
}

function setFor({ kind, operation }: Subject, rules: readonly Rule[]): RuleSet {
  return ruleSet(rules, kind, operation);
}

/** Judges a policy of a system namespace: by the few rules that look there, whatever the modes. */
function judgeSystem(subject: Subject, views: Views, engine: Engine, options: JudgeOptions): Verdict {
  if (subject.kind === "NetworkPolicy" && specUnchanged(subject)) return skip("no-change");
  const after = evaluate(subject, views.after, { ...options, rules: setFor(subject, engine.system) });
  const [failure] = after.failed;
  if (failure !== undefined && options.settings.systemNamespaces.action === "deny") {
    throw new RingfenceError("RF_ERR_RULE", `rule ${failure.rule.id} failed`, { cause: failure.error });
  }
  const silent = after.findings.length + after.unknown.length + after.failed.length === 0;
  if (silent) return skip("system");
  const findings = classify(subject, after, views, engine, options);
  const failed = after.failed.map(({ rule, error }) => ({ rule: rule.id, error }));
  return verdict(subject, { findings, notices: [], unknown: after.unknown, failed }, options.modes);
}

/** Judges an update that leaves a policy's spec as it is: by the few rules that look at its metadata. */
function judgeMetadata(subject: Subject, views: Views, engine: Engine, options: JudgeOptions): Verdict {
  const after = evaluate(subject, views.after, { ...options, rules: setFor(subject, engine.metadata) });
  refuseIfCouldDeny(after, options.modes);
  if (after.findings.length === 0) return skip("no-change");
  const findings = classify(subject, after, views, engine, options);
  return verdict(subject, { findings, notices: [], unknown: [], failed: [] }, options.modes);
}

/**
 * The verdict on an object that is denied for its size, or is too large where nothing is denied: no other rule looks at
 * it, so that nobody can make this server work for seconds on one request. Where an exception permits the size, or it
 * stood before, everything is judged.
 */
function decidedBySize(
  subject: Subject,
  size: Evaluation,
  views: Views,
  engine: Engine,
  options: JudgeOptions,
): Verdict | undefined {
  const findings = classify(subject, size, views, engine, options);
  const decided =
    findings.some(({ effect }) => effect === "deny") || options.modes.enforce.profile === "privileged";
  return decided
    ? verdict(subject, { ...size, findings, notices: [], failed: [] }, options.modes)
    : undefined;
}

function joined(a: Evaluation, b: Evaluation): Evaluation {
  if (a.findings.length + a.unknown.length + a.failed.length === 0) return b;
  return {
    findings: [...a.findings, ...b.findings],
    unknown: [...a.unknown, ...b.unknown],
    failed: [...a.failed, ...b.failed],
  };
}

/** The answer where there is nothing to say. */
export const nothingFound: Verdict = {
  allowed: true,
  warnings: [],
  auditAnnotations: {},
  findings: [],
  unknown: [],
  failed: [],
};

/** The answer to a request that is not judged; exemptions are marked in the API server's audit log. */
export function skip(skipped: Skipped): Verdict {
  const auditAnnotations = skipped === "exempt" || skipped === "off" ? { skipped } : {};
  return { ...nothingFound, auditAnnotations, skipped };
}

/** Why a request need not be judged; undefined: it must be. */
export function whySkipped(subject: Subject, settings: Settings): Skipped | undefined {
  if (settings.enforcement === "off") return "off";
  if (isExempt(subject, settings)) return "exempt";
  if (isSystemPolicy(subject, settings)) return "system";
  // An update that leaves the spec as it is opens nothing, whatever the spec violates: finalizers must be removable.
  return subject.kind === "NetworkPolicy" && specUnchanged(subject) ? "no-change" : undefined;
}

/** Whether it is for a policy of a namespace that runs the cluster. */
export function isSystemPolicy(subject: Subject, { systemNamespaces }: Settings): boolean {
  return subject.kind === "NetworkPolicy" && systemNamespaces.names.has(subject.namespace);
}

function specUnchanged(subject: PolicySubject): boolean {
  if (subject.operation !== "UPDATE" || subject.object === undefined || subject.oldObject === undefined)
    return false;
  try {
    return isDeepStrictEqual(subject.object.spec, subject.oldObject.spec);
  } catch {
    // Nested deeper than the stack: no API server sends that. What cannot be compared is judged.
    return false;
  }
}

/** A rule of ours that threw: where its finding could have denied, failurePolicy decides instead of us. */
function refuseIfCouldDeny(evaluation: Evaluation, modes: Modes): void {
  for (const { rule, error } of evaluation.failed) {
    const couldDeny = rule.profile === "guard" || speaksUnder(rule, modes).includes("enforce");
    if (couldDeny) throw new RingfenceError("RF_ERR_RULE", `rule ${rule.id} failed`, { cause: error });
  }
}

/** Sets each finding against the state before the request, and against waivers, exceptions and the switch. */
export function classify(
  subject: Subject,
  after: Evaluation,
  views: Views,
  engine: Engine,
  options: JudgeOptions,
): Judged[] {
  const then = subjectBefore(subject, engine);
  const before = standingBefore(findingsBefore(subject, then, after, views, options));
  const budget = requestBudget(options.expired);
  const inSystem = isSystemPolicy(subject, options.settings);
  const opened = openedBefore(then, views);
  let current: Rule | undefined;
  // The same for all findings of a rule, which stand together and may be thousands.
  let excuse: Excuse | undefined;
  return after.findings.map(({ rule, finding }): Judged => {
    budget.tick();
    const guard = rule.profile === "guard";
    if (rule !== current) {
      [current, excuse] = [rule, undefined];
      // What one rule found hides nothing of another's.
      budget.renew(guard ? stepsOfGuards : 1);
    }
    const brought = introduces(finding, before?.get(rule) ?? nothingStood, budget, opened);
    // Unknown never denies; but who writes a policy also writes how much work it is, so no guard is passed by that.
    const introduced = brought ?? guard;
    const modes = inSystem ? [] : speaksUnder(rule, options.modes);
    const effect = inSystem
      ? systemEffect(rule, finding, introduced, options.settings)
      : effectOf(rule, finding, { introduced, modes, subject });
    const judged = { rule, finding, introduced, unsure: brought === undefined, modes, effect };
    if (guard || !introduced) return switched(judged, options.settings);
    excuse ??= excuseFor(rule.id, subject, engine, options);
    return switched(excuse === noExcuse ? judged : { ...judged, ...excuse }, options.settings);
  });
}

/** So many times the steps of other rules, since for guards what is unknown denies. */
const stepsOfGuards = 5;

const nothingStood: Standing = new Map();

function standingBefore({ findings }: Evaluation): ReadonlyMap<Rule, Standing> | undefined {
  if (findings.length === 0) return undefined;
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  return new Map([...byRule].map(([rule, found]) => [rule, standing(found.map(({ finding }) => finding))]));
}

/** The same rules on the state before the request, run only for those that found something after it. */
function findingsBefore(
  subject: Subject,
  then: Subject,
  after: Evaluation,
  views: Views,
  options: JudgeOptions,
): Evaluation {
  const hasBefore = ({ judges }: Rule): boolean =>
    judges === "set" || (judges === "object" && subject.oldObject !== undefined);
  const found = after.findings.filter(({ rule }) => hasBefore(rule));
  if (found.length === 0) return nothingEvaluated;
  const rules = [...new Set(found.map(({ rule }) => rule))];
  const settings = options.settings;
  const before = evaluate(then, views.before(), {
    rules: setFor(subject, rules),
    settings,
    expired: options.expired,
  });
  // Without its answer every finding would count as new: a denial on the word of a rule that failed.
  refuseIfCouldDeny(before, options.modes);
  return before;
}

type Excuse = Partial<Pick<Judged, "effect" | "excused" | "note">>;

/** What a waiver or an exception makes of a rule's findings. They count for what this request brings, and never for guards. */
function excuseFor(rule: string, subject: Subject, engine: Engine, { settings }: JudgeOptions): Excuse {
  if (!mayBeExcused(rule, subject, settings)) return noExcuse;
  const now = engine.now();
  const exception = exceptionFor(rule, subject, settings, now);
  if (exception !== undefined)
    return { effect: "none", excused: { by: "exception", reason: exception.reason } };
  const waiver = waiverFor(rule, subject, settings, now);
  if (waiver?.honoured === true) return { effect: "none", excused: { by: "waiver", reason: waiver.reason } };
  const note = whyNotExcused(rule, subject, settings, { known: engine.rules, now });
  return note === undefined ? noExcuse : { note };
}

const noExcuse: Excuse = {};

/** The enforcement switch: at `warn` every denial becomes a warning, which says so. */
function switched(judged: Judged, settings: Settings): Judged {
  if (judged.effect !== "deny" || settings.enforcement !== "warn") return judged;
  const notes = [judged.note, "Would be denied, but enforcement is switched to warn."];
  return { ...judged, effect: "warn", note: notes.filter((note) => note !== undefined).join(" ") };
}
