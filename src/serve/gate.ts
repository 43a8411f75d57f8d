import type { BaseLogger } from "pino";
import type { CompilePolicy } from "../admission/review.ts";
import type { Decide } from "../model/verdict.ts";
import { compilePolicy } from "../network/dialects/kubernetes.ts";
import { Interner } from "../network/interner.ts";
import type { Check } from "../server/health.ts";
import type { Result } from "../telemetry/metrics.ts";

export interface GateOptions {
  readonly config: string;
  readonly kubeconfig: string | undefined;
  readonly log: BaseLogger;
  readonly metrics: { configurationReloaded(result: Result): void };
}

/** What decides: configuration, cluster view and engine, joined. */
export interface Gate {
  readonly validate: Decide;
  readonly mutate: Decide;
  readonly compile: CompilePolicy;
  readonly checks: readonly Check[];
  /** Lines for `/readyz?verbose`. */
  states(): Iterable<readonly [name: string, text: string]>;
  enforcement(): string;
  reflectors(): Iterable<{ kind: string; synced: boolean; staleSeconds: number }>;
  close(): void;
}

/** Joins configuration, view and engine. For now everything is allowed, and the log says so. */
export function composeGate(options: GateOptions): Promise<Gate> {
  const interner = new Interner();
  const allow: Decide = () => ({
    allowed: true,
    warnings: [],
    auditAnnotations: {},
    findings: [],
    unknown: [],
    failed: [],
  });
  options.log.warn("no rule is judged yet: everything is allowed");
  return Promise.resolve({
    validate: allow,
    mutate: allow,
    compile: (policy) => compilePolicy(policy, interner),
    checks: [],
    states: () => [["enforcement", "on"]],
    enforcement: () => "on",
    reflectors: () => [],
    close: () => undefined,
  });
}
