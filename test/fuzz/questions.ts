import type { ClusterView, NamespaceFacts } from "#src/model/cluster-view.ts";
import type { PolicySubject } from "#src/model/subject.ts";
import { workBudget } from "#src/network/budget.ts";
import { edgeChange, type Place } from "#src/network/edges.ts";
import { exceeding } from "#src/network/entry-cover.ts";
import type { Opening } from "#src/network/opening.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { union } from "#src/network/policy-set.ts";
import { everything } from "#src/network/selector.ts";
import { viewAfter } from "#src/view/change.ts";

/** Asks of a policy what no rule asks yet: the edges that it brings and takes, and what of it others do not open. */
export function askQuestions(subject: PolicySubject, view: ClusterView): void {
  const facts = view.namespaces?.get(subject.namespace);
  if (facts === undefined) return;
  const others = (view.namespaces?.matching(everything("namespaces")) ?? [])
    .filter(({ name }) => name !== facts.name)
    .map((other) => placeOf(other, view));
  const after = placeOf(facts, viewAfter(view, subject));
  edgeChange(placeOf(facts, view), after, { others, budget: workBudget(2_000) });
  const { compiled } = subject;
  if (compiled === undefined) return;
  for (const direction of ["ingress", "egress"] as const) {
    const opened = (policies: readonly CompiledPolicy[]): Opening[] =>
      policies.flatMap(({ subject: pods, [direction]: entries }) =>
        entries.map((entry) => ({ subject: pods, entry })),
      );
    const standing = view.policies(subject.namespace);
    const ceiling =
      standing === undefined
        ? []
        : union(standing, direction).map(({ policy, entry }) => ({ subject: policy.subject, entry }));
    exceeding(opened([compiled]), ceiling, { own: facts, budget: workBudget(2_000) });
  }
}

function placeOf(namespace: NamespaceFacts, view: ClusterView): Place {
  return {
    namespace,
    policies: view.policies(namespace.name),
    groups: view.workloads(namespace.name) ?? [],
  };
}
