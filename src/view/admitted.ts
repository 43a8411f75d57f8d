import type { ClusterView } from "../model/cluster-view.ts";
import type { Subject } from "../model/subject.ts";
import { labelSet, type LabelSet } from "../network/labels.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { policySet } from "../network/policy-set.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { withSet } from "./change.ts";
import { RememberedReviews } from "./remembered-reviews.ts";
import { Waiters } from "./waiters.ts";

/**
 * What this replica admitted lately. It bridges the moment between an admission and the arrival of the object from the
 * API server, and is no promise that the object was stored: it may be used to allow, never to deny.
 */
export interface Admitted {
  /** Takes the object of a CREATE or UPDATE that was allowed and is no dry run; what a DELETE took away is forgotten. */
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
  /**
   * How many admissions of policies, several of one policy counted each, and how many namespaces; the oldest are
   * forgotten first. 2 000 unless given.
   */
  readonly limit?: number;
  /**
   * How many bytes are kept for them, reviews with their names; 4 MiB, a hundred of 40 KB, unless given. A larger review
   * is not remembered.
   */
  readonly byteLimit?: number;
  /** Compiles the policy of a review that was read before. */
  readonly compile: (body: Buffer) => CompiledPolicy;
}

export function createAdmitted(options: AdmittedOptions): Admitted {
  const { now, compile, memory = 10_000, limit = 2_000, byteLimit = 4 << 20 } = options;
  const policies = new RememberedReviews({ now, memory, limit, byteLimit });
  const labels = new Memory<LabelSet>({ now, memory, limit });
  const waiters = new Waiters();
  return {
    remember(subject) {
      const { namespace } = subject;
      if (subject.operation === "DELETE") {
        if (subject.kind === "NetworkPolicy") policies.delete(namespace, subject.name);
        return;
      }
      if (subject.kind === "NetworkPolicy") {
        // Under generateName there is no name yet by which the policy could be recognized.
        const { body, name } = subject;
        if (body === undefined || name === "") return;
        policies.set(namespace, name, body);
      } else {
        const own = labelSet(subject.object?.metadata.labels);
        labels.set(namespace, new Map([...own, [namespaceNameLabel, namespace]]));
      }
      waiters.wake(namespace);
    },
    policyArrived: (namespace, name) => policies.delete(namespace, name),
    withAdmitted(view, namespace) {
      const set = view.policies(namespace);
      if (set === undefined) return view;
      const remembered = policies.read(namespace, compile);
      if (remembered.length === 0) return view;
      return withSet(view, policySet(namespace, [...set.policies, ...remembered]));
    },
    namespaceLabels: (namespace) => labels.get(namespace),
    changed: (namespace, signal) => waiters.wait(namespace, signal),
  };
}

type MemoryOptions = Required<Pick<AdmittedOptions, "now" | "memory" | "limit">>;

interface Remembered<V> {
  readonly value: V;
  readonly until: number;
}

/** A map that forgets: entries after a time, the oldest ones beyond the limit. */
class Memory<V> {
  readonly #options: MemoryOptions;
  /** The oldest first. */
  readonly #entries = new Map<string, Remembered<V>>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  set(name: string, value: V): void {
    const { now, memory } = this.#options;
    this.#entries.delete(name);
    this.#entries.set(name, { value, until: now() + memory });
    this.#forget();
  }

  get(name: string): V | undefined {
    this.#forget();
    return this.#entries.get(name)?.value;
  }

  #forget(): void {
    const { now, limit } = this.#options;
    const time = now();
    for (const [name, { until }] of this.#entries) {
      if (until > time && this.#entries.size <= limit) return;
      this.#entries.delete(name);
    }
  }
}
