import type { BaseLogger } from "pino";
import type { Operation, Subject } from "../model/subject.ts";
import type { Verdict } from "../model/verdict.ts";
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
  readonly verdict: Verdict;
  readonly milliseconds: number;
}

/** Writes down what was answered. */
export interface Recorder {
  /** Takes note of an answer: its log line and its counts follow in this turn of the event loop, after the answers. */
  record(webhook: Webhook, subject: Subject, verdict: Verdict, milliseconds: number): void;
  /** Writes what is still to be written. */
  readonly flush: () => void;
}

/** Answers go first: their log lines and counts are made in a row when all requests that have come in are answered. */
export function createRecorder(to: {
  readonly log: BaseLogger;
  readonly metrics: AdmissionMetrics;
}): Recorder {
  const turns = inTurns<Entry>((entry) => {
    try {
      write(to, entry);
    } catch (error) {
      // The answer is given: nothing that fails here may take the server down.
      to.log.error({ uid: entry.identity.uid, err: error }, "an admission could not be recorded");
    }
  });
  return {
    record: (webhook, subject, verdict, milliseconds) =>
      turns.add({ identity: identity(webhook, subject), verdict, milliseconds }),
    flush: () => turns.flush(),
  };
}

/** The one log line of an admission (bodies never), and its counts. */
function write(
  { log, metrics }: { readonly log: BaseLogger; readonly metrics: AdmissionMetrics },
  { identity: of, verdict, milliseconds }: Entry,
): void {
  const decision = decisionOf(verdict);
  metrics.admission(of.webhook, of.operation, of.resource, decision, of.dryRun, milliseconds / 1_000);
  if (verdict.skipped !== undefined) metrics.skipped(verdict.skipped);
  if (verdict.held !== undefined) metrics.held(verdict.held / 1_000);
  for (const judged of verdict.findings) {
    const ofMode = judged.rule.profile !== "guard" && judged.modes.length > 0;
    const modes = ofMode ? judged.modes : ["none"];
    for (const mode of modes) metrics.finding(judged.rule.id, mode, judged.effect);
    if (judged.excused !== undefined) metrics.excused(judged.rule.id, judged.excused.by);
  }
  for (const { rule, error } of verdict.failed) {
    metrics.ruleFailed(rule);
    log.error({ ...of, rule, err: error }, "a rule threw; judged without it");
  }
  for (const { rule } of verdict.unknown) metrics.ruleUnknown(rule);
  const fields = {
    ...of,
    verdict: decision,
    rules: rulesOf(verdict),
    skipped: verdict.skipped,
    heldMs: verdict.held,
    durationMs: Math.round(milliseconds * 1_000) / 1_000,
  };
  log.info(fields, "admission");
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
function rulesOf(verdict: Verdict): string {
  if (verdict.findings.length === 0) return "";
  return [...new Set(verdict.findings.map((judged) => judged.rule.id))].join(",");
}

function bounded(text: string): string {
  return text.length <= longestInLog ? text : `${text.slice(0, longestInLog)}…`;
}
