import type { ClusterView } from "../model/cluster-view.ts";
import type { PolicySubject } from "../model/subject.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import { withoutPolicy, withPolicy, type PolicySet } from "../network/policy-set.ts";

/** The view as it will be once the request is stored. Where the namespace's policies are unknown they stay so. */
export function viewAfter(view: ClusterView, subject: PolicySubject): ClusterView {
  const set = view.policies(subject.namespace);
  if (set === undefined) return view;
  if (subject.compiled === undefined) return withSet(view, withoutPolicy(set, subject.name));
  return withSet(view, withPolicy(set, subject.compiled));
}

/**
 * The view as it was before the request, by what the request itself says of the old object: the cache may be behind it
 * or, when the request is a second try, ahead.
 */
export function viewBefore(view: ClusterView, subject: PolicySubject): ClusterView {
  const set = view.policies(subject.namespace);
  if (set === undefined) return view;
  if (subject.oldObject === undefined) return withSet(view, withoutPolicy(set, subject.name));
  return withSet(view, withPolicy(set, readPolicy(subject.oldObject)));
}

/** The view with this set in the place of its namespace's. */
export function withSet(view: ClusterView, set: PolicySet): ClusterView {
  return {
    namespaces: view.namespaces,
    policies: (namespace) => (namespace === set.namespace ? set : view.policies(namespace)),
    workloads: (namespace) => view.workloads(namespace),
    get dns() {
      return view.dns;
    },
    brokenRules: (namespace) => view.brokenRules(namespace),
    dueCompanions: (namespace) => view.dueCompanions(namespace),
  };
}
