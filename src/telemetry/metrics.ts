import { Counter, Gauge, Registry } from "@prometheus-io/client";
import { admissionMetrics, type AdmissionCounters } from "./admission-metrics.ts";
import { companionMetrics, type CompanionCounters } from "./companion-metrics.ts";
import { processMetrics } from "./process-metrics.ts";

export type Result = "ok" | "failed";

/** What the metrics read when they are asked for, instead of being told of each change. */
export interface Sources {
  readonly version: string;
  readonly inFlight: () => number;
  readonly enforcement: () => string;
  /** Whether anything enforces policies in this cluster: `enforced`, `not-enforced` or `unknown`. */
  readonly cniVerdict: () => string;
  /** Namespaces whose mode labels cannot be read. */
  readonly unreadableModes: () => number;
  /** Kinds that the cluster view is fed from; empty until it is made. */
  readonly reflectors: () => Iterable<{ kind: string; synced: boolean; staleSeconds: number }>;
  /** Policies of each kind that is served and not modelled; undefined where they cannot be counted. */
  readonly unmodelled: () => Iterable<readonly [kind: string, policies: number | undefined]>;
  /** Whether this replica is the one that writes companions. */
  readonly leads: () => boolean;
  /** How many companions are in each state, of a closed set; all zero on a replica that does not write them. */
  readonly companions: () => Readonly<Record<string, number>>;
  /** When the certificate in use expires; undefined without one. */
  readonly certificateExpiry: () => Date | undefined;
}

export interface Metrics extends AdmissionCounters, CompanionCounters {
  readonly contentType: string;
  /** The exposition text, every gauge read anew. */
  text(): Promise<string>;
  configurationReloaded(result: Result): void;
  certificateReloaded(result: Result): void;
  /** A verdict was given before its namespace was known, and would now be another. */
  lateVerdict(): void;
}

/** All metrics, in a registry of their own. Every label takes its values from a closed set. */
export function createMetrics(sources: Sources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const configuration = new Counter({
    name: "ringfence_config_reloads_total",
    help: "Attempts to take over a changed configuration file, by result; after a failure the last good one stays",
    labelNames: ["result"],
    registers,
  });
  const configurationOk = new Gauge({
    name: "ringfence_config_last_reload_successful",
    help: "1 while the configuration in use is that of the file, 0 after a failed reload",
    registers,
  });
  configurationOk.set(1);
  const certificate = new Counter({
    name: "ringfence_certificate_reloads_total",
    help: "Attempts to take over a changed certificate, by result; after a failure the last good pair stays",
    labelNames: ["result"],
    registers,
  });
  const late = new Counter({
    name: "ringfence_admission_late_verdicts_total",
    help: "Requests answered before their namespace was known that would be answered otherwise once it was",
    registers,
  });
  for (const counter of [configuration, certificate]) {
    for (const result of ["ok", "failed"]) counter.inc({ result }, 0);
  }
  stateGauges(registry, sources);
  processMetrics(registry, sources.version);
  return {
    ...admissionMetrics(registry),
    ...companionMetrics(registry, sources.companions),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    configurationReloaded: (result) => {
      configuration.inc({ result });
      configurationOk.set(result === "ok" ? 1 : 0);
    },
    certificateReloaded: (result) => {
      certificate.inc({ result });
    },
    lateVerdict: () => late.inc(),
  };
}

function stateGauges(registry: Registry, sources: Sources): void {
  const registers = [registry];
  new Gauge({
    name: "ringfence_admission_in_flight",
    help: "Requests whose decision is waited for",
    registers,
    collect(): void {
      this.set(sources.inFlight());
    },
  });
  oneOf(registry, {
    name: "ringfence_enforcement",
    help: "1 for the state of the enforcement switch, 0 for the others",
    label: "state",
    values: ["on", "warn", "off"],
    read: sources.enforcement,
  });
  oneOf(registry, {
    name: "ringfence_cni_verdict",
    help: "1 for the verdict on whether anything enforces policies in this cluster, 0 for the others",
    label: "verdict",
    values: ["enforced", "not-enforced", "unknown"],
    read: sources.cniVerdict,
  });
  new Gauge({
    name: "ringfence_namespaces_unreadable_modes",
    help: "Namespaces whose mode labels cannot be read; they are judged as restricted",
    registers,
    collect(): void {
      this.set(sources.unreadableModes());
    },
  });
  new Gauge({
    name: "ringfence_reflector_synced",
    help: "1 once the first list of the kind is complete",
    labelNames: ["kind"],
    registers,
    collect(): void {
      // Kinds come and go.
      this.reset();
      for (const { kind, synced } of sources.reflectors()) this.set({ kind }, synced ? 1 : 0);
    },
  });
  new Gauge({
    name: "ringfence_reflector_staleness_seconds",
    help: "Seconds since the API server was last heard of about the kind",
    labelNames: ["kind"],
    registers,
    collect(): void {
      this.reset();
      for (const { kind, staleSeconds } of sources.reflectors()) this.set({ kind }, staleSeconds);
    },
  });
  new Gauge({
    name: "ringfence_unmodelled_policies",
    help: "Policies of kinds that are not judged yet, beside which rules of the set are unknown; none where unreadable",
    labelNames: ["kind"],
    registers,
    collect(): void {
      this.reset();
      for (const [kind, policies] of sources.unmodelled()) {
        if (policies !== undefined) this.set({ kind }, policies);
      }
    },
  });
  new Gauge({
    name: "ringfence_leader",
    help: "1 on the replica that writes companions, 0 on the others",
    registers,
    collect(): void {
      this.set(sources.leads() ? 1 : 0);
    },
  });
  new Gauge({
    name: "ringfence_certificate_expiration_timestamp_seconds",
    help: "When the serving certificate in use expires, in seconds since 1970",
    registers,
    collect(): void {
      const expiry = sources.certificateExpiry();
      if (expiry !== undefined) this.set(expiry.getTime() / 1_000);
    },
  });
}

interface OneOf {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly values: readonly string[];
  readonly read: () => string;
}

/** A gauge that is 1 for the value that holds and 0 for the others. */
function oneOf(registry: Registry, { name, help, label, values, read }: OneOf): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect(): void {
      const holds = read();
      for (const value of values) this.set({ [label]: value }, value === holds ? 1 : 0);
    },
  });
}
