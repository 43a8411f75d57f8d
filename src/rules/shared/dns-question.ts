// What the rules about DNS ask of a namespace's policies, and how they speak of the pods concerned.

import type { ClusterView, NamespaceFacts } from "../../model/cluster-view.ts";
import type { Scope } from "../../model/finding.ts";
import type { RuleContext } from "../../model/rule.ts";
import type { PolicySubject } from "../../model/subject.ts";
import type { PodScope } from "../../network/coverage.ts";
import type { DnsContext } from "../../network/dns-egress.ts";
import type { CompiledPolicy } from "../../network/policy.ts";
import type { PolicySet } from "../../network/policy-set.ts";
import { describeSelector } from "../../network/selector.ts";
import { podCount, podNames } from "./pod-words.ts";

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
  return { set, context: new NamespaceDns(view, facts, budget) };
}

/** A class: companions are asked for where the stored policies leave it open whether a pod may ask, which they seldom do. */
class NamespaceDns implements DnsContext {
  readonly groups: DnsContext["groups"];
  readonly profile: DnsContext["profile"];
  readonly namespaceLabels: DnsContext["namespaceLabels"];
  readonly budget: DnsContext["budget"];
  readonly #view: ClusterView;
  readonly #namespace: string;

  constructor(view: ClusterView, { name, labels }: NamespaceFacts, budget: DnsContext["budget"]) {
    this.groups = view.workloads(name);
    this.profile = view.dns;
    this.namespaceLabels = labels;
    this.budget = budget;
    this.#view = view;
    this.#namespace = name;
  }

  get dueCompanions(): DnsContext["dueCompanions"] {
    return this.#view.dueCompanions(this.#namespace);
  }
}

/** The scope as the engine compares it. */
export function scopeOf(scope: PodScope): Scope {
  return scope.kind === "groups"
    ? { kind: "elements", ids: scope.ids, beyond: scope.beyond }
    : { kind: "selector", selector: scope.selector };
}

/** How many pods and templates one message names. */
const named = 3;

/**
 * `api-1, api-2, api-3 and 3 more (among pods app=api)`: those present that are concerned, which need not be all that the
 * selector selects; the selector alone where nothing present is. It says so where the selectors were too much work to
 * compare and only the present pods decided.
 */
export function describePods(
  { scope, byPresentPods }: { readonly scope: PodScope; readonly byPresentPods: boolean },
  selectorText: string,
): string {
  if (scope.kind === "selector") return selectorText;
  const how = byPresentPods ? "; only pods that are present were looked at" : "";
  return `${podNames(scope.groups, named)} (among ${selectorText}${how})`;
}

/** The same in short: `api-1 and 5 more`. */
export function describePodsShort(scope: PodScope, selectorText: string): string {
  return scope.kind === "selector" ? selectorText : podNames(scope.groups, 1);
}

/** Whether it is about one pod or template alone. */
export function isSingle(scope: PodScope): boolean {
  return scope.kind === "groups" && podCount(scope.groups) === 1;
}

/** `pods app=api`, `all pods`. */
export function podsText(policy: Pick<CompiledPolicy, "subject">): string {
  const text = describeSelector(policy.subject);
  return policy.subject.text === "" ? text : `pods ${text}`;
}
