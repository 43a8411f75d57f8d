import type { Modes } from "../model/profile.ts";
import type { Rule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import type { Judged, Verdict } from "../model/verdict.ts";
import { cut } from "./cut.ts";
import { denialText, heading, noteSuffix, warningText } from "./texts.ts";

/** Characters of one audit annotation: enough for a dozen findings, far below what an audit event may hold. */
const annotationLength = 2_000;

interface Outcome extends Pick<Verdict, "findings" | "unknown" | "failed"> {
  /** Warnings that belong to no finding of this request. */
  readonly notices: readonly string[];
}

/** Joins judged findings into one answer. Pure; the texts are derived from the findings here and nowhere else. */
export function verdict(subject: Subject, outcome: Outcome, modes: Modes): Verdict {
  const denied = outcome.findings.filter((judged) => judged.effect === "deny");
  const allowed = denied.length === 0;
  const { findings, unknown, failed } = outcome;
  const answer = {
    findings,
    unknown,
    failed,
    allowed,
    warnings: warnings(subject, outcome),
    auditAnnotations: auditAnnotations(outcome, modes),
  };
  if (allowed) return answer;
  return { ...answer, message: denialText(describe(subject), breaks(denied, modes), denied) };
}

/** `NetworkPolicy shop/api`, `Namespace shop`. */
export function describe(subject: Subject): string {
  const name = subject.name === "" ? (subject.object?.metadata.generateName ?? "") : subject.name;
  return subject.kind === "Namespace" ? `Namespace ${name}` : `NetworkPolicy ${subject.namespace}/${name}`;
}

function breaks(denied: readonly Judged[], modes: Modes): string {
  if (denied.every((judged) => judged.rule.profile === "guard")) return "a guard";
  if (denied.every((judged) => judged.modes.length === 0)) return "what holds in system namespaces";
  return `profile ${modes.enforce.profile}`;
}

function warnings(subject: Subject, outcome: Outcome): readonly string[] {
  const warned = outcome.findings.filter(({ effect }) => effect === "warn");
  if (warned.length + outcome.failed.length === 0) return outcome.notices;
  const denied = deniedHere(outcome.findings);
  const lines = warned
    .filter((judged) => isOf(judged.rule, denied.get(heading(judged))))
    .map((judged) => warningText(judged, warningSuffix(judged, subject) + noteSuffix(judged.note)));
  for (const { rule } of outcome.failed)
    lines.push(`${rule}: this rule failed and was left out; the operators were told`);
  return [...lines, ...outcome.notices];
}

/** By rule and place, the rule in the version that denies there: what the same rule in another version warns of is said then. */
function deniedHere(findings: readonly Judged[]): ReadonlyMap<string, Rule> {
  const denied = findings.filter(({ effect }) => effect === "deny");
  return new Map(denied.map((judged) => [heading(judged), judged.rule]));
}

function isOf(rule: Rule, denying: Rule | undefined): boolean {
  return denying === undefined || denying === rule;
}

/** That the request did not bring it, or why a finding that enforcement would refuse only warns. */
function warningSuffix(judged: Judged, subject: Subject): string {
  if (!judged.introduced)
    return ` (${judged.unsure === true ? "may have stood" : "stood"} before this request)`;
  if (!judged.modes.includes("enforce") || judged.rule.profile === "advisory") return "";
  return judged.rule.curable && subject.dryRun ? " (would be denied unless cured in the same apply)" : "";
}

function auditAnnotations({ findings, unknown, failed }: Outcome, modes: Modes): Record<string, string> {
  const enforced: string[] = [];
  const audited: string[] = [];
  const excuses: string[] = [];
  for (const judged of findings) {
    const { rule, effect, excused } = judged;
    const denies = effect === "deny";
    const audits = judged.modes.includes("audit") && excused === undefined && rule.profile !== "guard";
    const text = denies || audits ? warningText(judged) : "";
    if (denies) enforced.push(text);
    if (audits) audited.push(text);
    if (excused !== undefined) excuses.push(`${rule.id} (${excused.by}): ${excused.reason}`);
  }
  const annotations: Record<string, string> = {};
  annotate(annotations, "enforce-violations", enforced);
  if (enforced.length > 0)
    annotations["enforce-policy"] = `${modes.enforce.profile}:${modes.enforce.version}`;
  annotate(annotations, "audit-violations", audited);
  annotate(annotations, "excused", excuses);
  annotate(
    annotations,
    "unknown",
    unknown.map(({ rule, missing }) => `${rule}: ${missing} not known`),
  );
  annotate(
    annotations,
    "failed-rules",
    failed.map(({ rule }) => rule),
  );
  return annotations;
}

function annotate(annotations: Record<string, string>, key: string, lines: readonly string[]): void {
  if (lines.length > 0) annotations[key] = cut(lines.join("; "), annotationLength);
}
