import { Counter, Histogram, type Registry } from "@prometheus-io/client";
import { tally } from "./tally.ts";

/** The counters of the admission path. */
export interface AdmissionCounters {
  admission(
    webhook: string,
    operation: string,
    resource: string,
    decision: string,
    dryRun: boolean,
    seconds: number,
  ): void;
  finding(rule: string, mode: string, effect: string): void;
  excused(rule: string, by: string): void;
  ruleFailed(rule: string): void;
  ruleUnknown(rule: string): void;
  skipped(reason: string): void;
  held(seconds: number): void;
  failed(webhook: string, code: string): void;
  bodyTooLarge(): void;
  clientGone(): void;
}

/** 1 ms to 10 s: what a webhook may take. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const holdBuckets = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1];

/** Registers them. */
export function admissionMetrics(registry: Registry): AdmissionCounters {
  const registers = [registry];
  const requests = tally(registry, {
    name: "ringfence_admission_requests_total",
    help: "Admission requests that got a verdict",
    labelNames: ["webhook", "operation", "resource", "decision", "dry_run"],
  });
  const durations = new Histogram({
    name: "ringfence_admission_duration_seconds",
    help: "Seconds from the body's last byte to the answer, time held included",
    labelNames: ["webhook"],
    buckets: durationBuckets,
    registers,
  });
  return {
    admission(webhook, operation, resource, decision, dryRun, seconds) {
      requests(webhook, operation, resource, decision, dryRun ? "true" : "false");
      durations.observe({ webhook }, seconds);
    },
    ...ruleMetrics(registry),
    ...transportMetrics(registry),
  };
}

type RuleCounters = Pick<
  AdmissionCounters,
  "finding" | "excused" | "ruleFailed" | "ruleUnknown" | "skipped" | "held"
>;

function ruleMetrics(registry: Registry): RuleCounters {
  const registers = [registry];
  const findings = tally(registry, {
    name: "ringfence_rule_findings_total",
    help: "Findings by rule, by the mode under which the rule spoke (none: guards) and what came of it",
    labelNames: ["rule", "mode", "effect"],
  });
  const excused = new Counter({
    name: "ringfence_rule_excused_total",
    help: "Findings silenced by a waiver on the object or an exception of the configuration",
    labelNames: ["rule", "by"],
    registers,
  });
  const errors = new Counter({
    name: "ringfence_rule_errors_total",
    help: "Rules that threw; any at all is a bug of Ringfence",
    labelNames: ["rule"],
    registers,
  });
  const unknown = new Counter({
    name: "ringfence_rule_unknown_total",
    help: "Answers that a rule could not give because the cluster view lacks what it needs",
    labelNames: ["rule"],
    registers,
  });
  const skipped = new Counter({
    name: "ringfence_admission_skipped_total",
    help: "Requests allowed without being judged, by reason",
    labelNames: ["reason"],
    registers,
  });
  const holds = new Histogram({
    name: "ringfence_admission_hold_seconds",
    help: "Seconds for which requests were held for a cure",
    buckets: holdBuckets,
    registers,
  });
  return {
    finding: findings,
    excused: (rule, by) => excused.inc({ rule, by }),
    ruleFailed: (rule) => errors.inc({ rule }),
    ruleUnknown: (rule) => unknown.inc({ rule }),
    skipped: (reason) => skipped.inc({ reason }),
    held: (seconds) => holds.observe(seconds),
  };
}

type TransportCounters = Pick<AdmissionCounters, "failed" | "bodyTooLarge" | "clientGone">;

function transportMetrics(registry: Registry): TransportCounters {
  const registers = [registry];
  const failures = new Counter({
    name: "ringfence_admission_failures_total",
    help: "Requests that got no verdict, so that failurePolicy decided, by error code",
    labelNames: ["webhook", "code"],
    registers,
  });
  const tooLarge = new Counter({
    name: "ringfence_admission_body_too_large_total",
    help: "Requests refused because of their size (413)",
    registers,
  });
  const gone = new Counter({
    name: "ringfence_admission_client_gone_total",
    help: "Requests whose client went away before the answer",
    registers,
  });
  return {
    failed: (webhook, code) => failures.inc({ webhook, code }),
    bodyTooLarge: () => tooLarge.inc(),
    clientGone: () => gone.inc(),
  };
}
