import { mutating, validating, type Deciding } from "#src/admission/decide.ts";
import { createEngine } from "#src/engine/engine.ts";
import type { Finding, Scope } from "#src/model/finding.ts";
import type { Rule } from "#src/model/rule.ts";
import type { Verdict } from "#src/model/verdict.ts";
import { Interner } from "#src/network/interner.ts";
import { decidingOn, remembersNothing, subjectOf, type Request } from "../../support/decisions.ts";
import { compile } from "../../support/subjects.ts";
import { now } from "../../support/judging.ts";
import type { KubernetesObject } from "../../support/objects.ts";
import { viewFromObjects } from "../../support/view-from-objects.ts";
import { settings, type Scene } from "./scenes.ts";

/** What decides in the cluster of the scene; of the request's policy the old one stands. */
export function decidingIn({ surroundings, standing, oldObject }: Scene): Deciding {
  const stored: readonly KubernetesObject[] = oldObject === undefined ? standing : [...standing, oldObject];
  const view = viewFromObjects([...surroundings, ...stored], { interner: new Interner(), settings });
  return { ...decidingOn(view, settings), clock: () => 0 };
}

/** The same by these rules alone. */
export function by(rules: readonly Rule[], deciding: Deciding): Deciding {
  return { ...deciding, engine: createEngine({ rules, compile, now: () => now }) };
}

const never = { signal: new AbortController().signal };

/** What `/validate` answers; nothing is remembered of it. */
export async function validated(deciding: Deciding, request: Request): Promise<Verdict> {
  return validating({ ...deciding, admitted: remembersNothing })(subjectOf(request), never);
}

/** What `/mutate` answers. */
export async function mutated(deciding: Deciding, request: Request): Promise<Verdict> {
  return mutating({ ...deciding, admitted: remembersNothing })(subjectOf(request), never);
}

/** All that a verdict decides, and nothing of how it says it: one sorted line for each finding. */
export function decided({ findings, unknown, failed }: Verdict): string[] {
  return [
    ...findings.map(
      ({ rule, finding, effect, introduced }) =>
        `${rule.id} ${effect}${introduced ? "" : " (old)"}: ${finding.key} ${scopeText(finding)}`,
    ),
    ...unknown.map(({ rule, missing }) => `${rule} unknown: ${missing}`),
    ...failed.map(({ rule, error }) => `${rule} failed: ${String(error)}`),
  ].sort();
}

function scopeText({ scope }: Pick<Finding, "scope">): string {
  return scope === undefined ? "" : textOf(scope);
}

function textOf(scope: Scope): string {
  switch (scope.kind) {
    case "elements": {
      const { beyond } = scope;
      const except = beyond?.except.map(({ text }) => text).sort() ?? [];
      const further =
        beyond === undefined ? "" : ` beyond ${beyond.selector.text} except ${except.join(" | ")}`;
      return `[${[...scope.ids].sort().join(" | ")}]${further}`;
    }
    case "selector":
      return scope.selector.text;
    case "amount":
      return String(scope.amount);
    case "openings":
      // The key spells them out.
      return `${scope.direction} ${scope.openings.length}`;
  }
}

/** The rules that deny, by id. */
export function deniedBy({ findings }: Verdict): string[] {
  return [...new Set(findings.filter(({ effect }) => effect === "deny").map(({ rule }) => rule.id))].sort();
}
