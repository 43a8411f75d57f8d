import type { BaseLogger, Logger } from "pino";
import { ByValues } from "../by-values.ts";
import type { Operation, Subject } from "../model/subject.ts";
import type { ModeName } from "../model/profile.ts";
import type { Effect, Judged, Verdict } from "../model/verdict.ts";
import type { Webhook } from "./respond.ts";
import { inTurns } from "./turns.ts";

/** What was decided about one request, in words of closed sets. */
export type Decision = "allowed" | "denied" | "patched";

/** Where admissions are counted; every label has a closed set of values. */
export interface AdmissionMetrics {
  admission(
    webhook: Webhook,
    operation: string,
    resource: string,
    decision: Decision,
    dryRun: boolean,
    seconds: number,
  ): void;
  /** `mode` is "none" where the rule speaks under no mode (guards, system rules). */
  finding(rule: string, mode: string, effect: string): void;
  excused(rule: string, by: "waiver" | "exception"): void;
  ruleFailed(rule: string): void;
  ruleUnknown(rule: string): void;
  skipped(reason: string): void;
  held(seconds: number): void;
  /** A request that got no verdict; `code` is one of the error table or "internal". */
  failed(webhook: Webhook, code: string): void;
  bodyTooLarge(): void;
  clientGone(): void;
}

const longestInLog = 253;

/** What was answered, until it is written down: nothing of it holds the objects of the request, which may be large. */
interface Entry {
  readonly identity: Identity;
  readonly decision: Decision;
  readonly skipped: Verdict["skipped"];
  readonly held: Verdict["held"];
  readonly unknown: Verdict["unknown"];
  readonly failed: Verdict["failed"];
  readonly findings: readonly Found[];
  readonly milliseconds: number;
}

/** What is counted of a finding. */
interface Found {
  readonly rule: string;
  readonly modes: readonly (ModeName | "none")[];
  readonly effect: Effect;
  readonly excusedBy: "waiver" | "exception" | undefined;
}

/** Writes down what was answered. */
export interface Recorder {
  /** Takes note of an answer: its log line and its counts follow in this turn of the event loop, after the answers. */
  record(webhook: Webhook, subject: Subject, verdict: Verdict, milliseconds: number): void;
  /** Writes what is still to be written. */
  readonly flush: () => void;
}

/** Answers go first: their counts and log lines are made in a row when all requests that have come in are answered. */
export function createRecorder(to: Written): Recorder {
  const lines = { ...to, loggers: kindLoggers(to.log) };
  const turns = inTurns<Entry>((entries) => {
    for (const entry of entries) attempt(count, to, entry);
    for (const entry of entries) attempt(writeLine, lines, entry);
  });
  return {
    record: (webhook, subject, verdict, milliseconds) => {
      try {
        turns.add({
          identity: identity(webhook, subject),
          decision: decisionOf(verdict),
          findings: verdict.findings.map(foundOf),
          skipped: verdict.skipped,
          held: verdict.held,
          unknown: verdict.unknown,
          failed: verdict.failed,
          milliseconds,
        });
      } catch (error) {
        notRecorded(to, subject.uid, error);
      }
    },
    flush: () => turns.flush(),
  };
}

function attempt<To extends Written>(step: (to: To, entry: Entry) => void, to: To, entry: Entry): void {
  try {
    step(to, entry);
  } catch (error) {
    notRecorded(to, entry.identity.uid, error);
  }
}

/** The answer is given: nothing that fails here may take the server down. */
function notRecorded({ log }: Written, uid: string, error: unknown): void {
  log.error({ uid, err: error }, "an admission could not be recorded");
}

/** Where requests are written down, those without a verdict as well. */
export interface Written {
  readonly log: Logger;
  readonly metrics: AdmissionMetrics;
}

function count(
  { metrics }: Written,
  { identity: of, decision, findings, skipped, held, unknown, failed, milliseconds }: Entry,
): void {
  metrics.admission(of.webhook, of.operation, of.resource, decision, of.dryRun, milliseconds / 1_000);
  if (skipped !== undefined) metrics.skipped(skipped);
  if (held !== undefined) metrics.held(held / 1_000);
  for (const { rule, modes, effect, excusedBy } of findings) {
    for (const mode of modes) metrics.finding(rule, mode, effect);
    if (excusedBy !== undefined) metrics.excused(rule, excusedBy);
  }
  for (const { rule } of failed) metrics.ruleFailed(rule);
  for (const { rule } of unknown) metrics.ruleUnknown(rule);
}

/** By webhook, operation, resource and verdict: what is the same in all lines of a kind is made into JSON once. */
type KindLoggers = ByValues<readonly [string, string, string, string], BaseLogger>;

function kindLoggers(log: Logger): KindLoggers {
  return new ByValues(([webhook, operation, resource, verdict]) =>
    log.child({ webhook, operation, resource, verdict }),
  );
}

/** The one log line of an admission; bodies never. */
function writeLine(
  { log, loggers }: Written & { readonly loggers: KindLoggers },
  { identity: of, decision, findings, skipped, held, failed, milliseconds }: Entry,
): void {
  for (const { rule, error } of failed)
    log.error({ ...of, rule, err: error }, "a rule threw; judged without it");
  const fields = {
    uid: of.uid,
    subresource: of.subresource,
    namespace: of.namespace,
    name: of.name,
    user: of.user,
    dryRun: of.dryRun,
    rules: rulesOf(findings),
    skipped,
    heldMs: held,
    durationMs: Math.round(milliseconds * 1_000) / 1_000,
  };
  loggers.get([of.webhook, of.operation, of.resource, decision]).info(fields, "admission");
}

const noMode = ["none"] as const;

function foundOf({ rule, modes, effect, excused }: Judged): Found {
  const ofMode = rule.profile !== "guard" && modes.length > 0;
  return { rule: rule.id, modes: ofMode ? modes : noMode, effect, excusedBy: excused?.by };
}

/** The fields that every line about a request has. */
export interface Identity {
  readonly uid: string;
  readonly webhook: Webhook;
  readonly operation: Operation;
  readonly resource: "networkpolicies" | "namespaces";
  readonly subresource: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly dryRun: boolean;
}

/** Of a request. Names come from users: bounded. */
export function identity(webhook: Webhook, subject: Subject): Identity {
  return {
    uid: subject.uid,
    webhook,
    operation: subject.operation,
    resource: resourceOf(subject),
    subresource: subject.subresource,
    namespace: bounded(subject.namespace),
    name: bounded(subject.name),
    user: bounded(subject.user.name),
    dryRun: subject.dryRun,
  };
}

function resourceOf(subject: Subject): Identity["resource"] {
  return subject.kind === "NetworkPolicy" ? "networkpolicies" : "namespaces";
}

function decisionOf(verdict: Verdict): Decision {
  if (!verdict.allowed) return "denied";
  return verdict.patch === undefined ? "allowed" : "patched";
}

/** Ids of the rules that found something, each once, in the order found; empty where none did. */
function rulesOf(findings: readonly Found[]): string {
  const ids: string[] = [];
  for (const { rule } of findings) if (!ids.includes(rule)) ids.push(rule);
  return ids.join(",");
}

function bounded(text: string): string {
  return text.length <= longestInLog ? text : `${text.slice(0, longestInLog)}…`;
}
