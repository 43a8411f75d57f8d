import type { ClusterView, NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions, NamespaceIntent } from "../model/companions.ts";
import type { PolicySubject } from "../model/subject.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import type { CompiledPolicy } from "../network/policy.ts";
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
  return new ChangedView(view, set);
}

/** A class, since each object literal with a getter would get a hidden class of its own, which keeps it alive for long. */
class ChangedView implements ClusterView {
  readonly #view: ClusterView;
  readonly #set: PolicySet;
  #due: readonly CompiledPolicy[] | undefined = undefined;

  constructor(view: ClusterView, set: PolicySet) {
    this.#view = view;
    this.#set = set;
  }

  get namespaces(): ClusterView["namespaces"] {
    return this.#view.namespaces;
  }

  get dns(): ClusterView["dns"] {
    return this.#view.dns;
  }

  get addresses(): ClusterView["addresses"] {
    return this.#view.addresses;
  }

  get apiServer(): ClusterView["apiServer"] {
    return this.#view.apiServer;
  }

  get cni(): ClusterView["cni"] {
    return this.#view.cni;
  }

  get metadata(): ClusterView["metadata"] {
    return this.#view.metadata;
  }

  policies(namespace: string): PolicySet | undefined {
    return namespace === this.#set.namespace ? this.#set : this.#view.policies(namespace);
  }

  workloads(namespace: string): ReturnType<ClusterView["workloads"]> {
    return this.#view.workloads(namespace);
  }

  services(namespace: string): ReturnType<ClusterView["services"]> {
    return this.#view.services(namespace);
  }

  routes(namespace: string): ReturnType<ClusterView["routes"]> {
    return this.#view.routes(namespace);
  }

  backends(namespace: string): ReturnType<ClusterView["backends"]> {
    return this.#view.backends(namespace);
  }

  brokenRules(namespace: string): ReturnType<ClusterView["brokenRules"]> {
    return this.#view.brokenRules(namespace);
  }

  unmodelledPolicies(namespace: string): ReturnType<ClusterView["unmodelledPolicies"]> {
    return this.#view.unmodelledPolicies(namespace);
  }

  get namespacePeers(): ClusterView["namespacePeers"] {
    return this.#view.namespacePeers;
  }

  companionsFor(facts: NamespaceFacts, policies = this.#ofSet(facts.name)): DueCompanions {
    return this.#view.companionsFor(facts, policies);
  }

  intentOf(namespace: string): NamespaceIntent {
    return this.#view.intentOf(namespace);
  }

  dueCompanions(namespace: string): ReturnType<ClusterView["dueCompanions"]> {
    if (namespace !== this.#set.namespace) return this.#view.dueCompanions(namespace);
    if (this.#due === undefined) {
      const facts = this.namespaces?.get(namespace);
      this.#due = facts === undefined ? [] : this.companionsFor(facts).compiled;
    }
    return this.#due;
  }

  #ofSet(namespace: string): PolicySet | undefined {
    return namespace === this.#set.namespace ? this.#set : undefined;
  }
}
