import type { ClusterView } from "../model/cluster-view.ts";
import type { Subject } from "../model/subject.ts";
import { labelSet, type LabelSet } from "../network/labels.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { withPolicy } from "../network/policy-set.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { withSet } from "./change.ts";
import { Waiters } from "./waiters.ts";

/**
 * What this replica admitted lately. It bridges the moment between an admission and the arrival of the object from the
 * API server, and is no promise that the object was stored: it may be used to allow, never to deny.
 */
export interface Admitted {
  /** Takes the object of a CREATE or UPDATE that was allowed and is no dry run. */
  remember(subject: Subject): void;
  /** The API server has told of this policy: what it says is newer than what is remembered. */
  policyArrived(namespace: string, name: string): void;
  /** The view with the policies of the namespace that are remembered; the very same view where there are none. */
  withAdmitted(view: ClusterView, namespace: string): ClusterView;
  /** The labels of a Namespace admitted lately. */
  namespaceLabels(namespace: string): LabelSet | undefined;
  /** Resolves when something of the namespace is admitted next, or when the signal is aborted. */
  changed(namespace: string, signal: AbortSignal): Promise<void>;
}

export interface AdmittedOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds for which an admission is remembered; 10 000 unless given. */
  readonly memory?: number;
  /** How many policies, and how many namespaces; the oldest are forgotten first. 2 000 unless given. */
  readonly limit?: number;
}

export function createAdmitted({ now, memory = 10_000, limit = 2_000 }: AdmittedOptions): Admitted {
  const policies = new Memory<CompiledPolicy>(now, memory, limit);
  const labels = new Memory<LabelSet>(now, memory, limit);
  const waiters = new Waiters();
  return {
    remember(subject) {
      const { namespace } = subject;
      if (subject.kind === "NetworkPolicy") {
        // Under generateName there is no name yet by which the policy could be recognized.
        if (subject.compiled === undefined || subject.name === "") return;
        policies.set(key(namespace, subject.name), subject.compiled);
      } else {
        const own = labelSet(subject.object?.metadata.labels);
        labels.set(namespace, new Map([...own, [namespaceNameLabel, namespace]]));
      }
      waiters.wake(namespace);
    },
    policyArrived: (namespace, name) => policies.delete(key(namespace, name)),
    withAdmitted(view, namespace) {
      const set = view.policies(namespace);
      if (set === undefined) return view;
      const remembered = policies.values().filter((policy) => policy.namespace === namespace);
      if (remembered.length === 0) return view;
      return withSet(
        view,
        remembered.reduce((so, policy) => withPolicy(so, policy), set),
      );
    },
    namespaceLabels: (namespace) => labels.get(namespace),
    changed: (namespace, signal) => waiters.wait(namespace, signal),
  };
}

const key = (namespace: string, name: string): string => `${namespace}/${name}`;

/** A map that forgets: entries after a time, the oldest ones beyond the limit. */
class Memory<V> {
  readonly #now: () => number;
  readonly #memory: number;
  readonly #limit: number;
  /** The oldest first. */
  readonly #entries = new Map<string, { readonly value: V; readonly until: number }>();

  constructor(now: () => number, memory: number, limit: number) {
    this.#now = now;
    this.#memory = memory;
    this.#limit = limit;
  }

  set(name: string, value: V): void {
    this.#entries.delete(name);
    this.#entries.set(name, { value, until: this.#now() + this.#memory });
    this.#forget();
  }

  get(name: string): V | undefined {
    this.#forget();
    return this.#entries.get(name)?.value;
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  values(): V[] {
    this.#forget();
    return Array.from(this.#entries.values(), ({ value }) => value);
  }

  #forget(): void {
    const now = this.#now();
    for (const [name, { until }] of this.#entries) {
      if (until > now && this.#entries.size <= this.#limit) return;
      this.#entries.delete(name);
    }
  }
}
