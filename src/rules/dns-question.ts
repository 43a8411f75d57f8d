// What the rules about DNS ask of a namespace's policies, and how they speak of the pods concerned.

import type { Scope } from "../model/finding.ts";
import type { RuleContext } from "../model/rule.ts";
import type { PolicySubject } from "../model/subject.ts";
import type { PodScope } from "../network/coverage.ts";
import type { DnsContext } from "../network/dns-egress.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import type { PolicySet } from "../network/policy-set.ts";
import { describeSelector } from "../network/selector.ts";

export interface DnsQuestion {
  readonly set: PolicySet;
  readonly context: DnsContext;
}

/** Undefined where the namespace or its policies are not known. */
export function dnsQuestion(
  subject: PolicySubject,
  { view, budget }: Pick<RuleContext<unknown>, "view" | "budget">,
): DnsQuestion | undefined {
  const { namespace } = subject;
  const set = view.policies(namespace);
  const facts = view.namespaces?.get(namespace);
  if (set === undefined || facts === undefined) return undefined;
  const groups = view.workloads(namespace);
  const dueCompanions = view.dueCompanions(namespace);
  return {
    set,
    context: { groups, profile: view.dns, namespaceLabels: facts.labels, dueCompanions, budget },
  };
}

/** The scope as the engine compares it. */
export function scopeOf(scope: PodScope): Scope {
  return scope.kind === "groups"
    ? { kind: "elements", ids: scope.ids, beyond: scope.beyond }
    : { kind: "selector", selector: scope.selector };
}

/** How many pods and templates one message names. */
const named = 3;

/** `pods app=api (api-1, api-2 and 3 more)`; without names where nothing present is concerned. */
export function describePods(scope: PodScope, selectorText: string): string {
  if (scope.kind === "selector") return selectorText;
  const names = scope.groups.flatMap(({ examples }) => examples);
  const total = scope.groups.reduce((sum, { count }) => sum + count, 0);
  const shown = names.slice(0, named).join(", ");
  return `${selectorText} (${shown}${total > named ? ` and ${total - named} more` : ""})`;
}

/** `pods app=api`, `all pods`. */
export function podsText(policy: Pick<CompiledPolicy, "subject">): string {
  const text = describeSelector(policy.subject);
  return policy.subject.text === "" ? text : `pods ${text}`;
}
