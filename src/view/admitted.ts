import type { ClusterView } from "../model/cluster-view.ts";
import type { PolicySource, Subject } from "../model/subject.ts";
import { labelSet, type LabelSet } from "../network/labels.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { policySet } from "../network/policy-set.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { withSet } from "./change.ts";
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
  /** How many policies, and how many namespaces; the oldest are forgotten first. 2 000 unless given. */
  readonly limit?: number;
  /** How many bytes the reviews of the policies may have together; 16 MiB unless given. */
  readonly byteLimit?: number;
}

export function createAdmitted(options: AdmittedOptions): Admitted {
  const { now, memory = 10_000, limit = 2_000, byteLimit = 16 << 20 } = options;
  const policies = new Memory<RememberedPolicy>({ now, memory, limit, weightLimit: byteLimit });
  const labels = new Memory<LabelSet>({ now, memory, limit, weightLimit: Number.POSITIVE_INFINITY });
  const waiters = new Waiters();
  return {
    remember(subject) {
      const { namespace } = subject;
      if (subject.operation === "DELETE") {
        policies.delete(key(namespace, subject.name));
        return;
      }
      if (subject.kind === "NetworkPolicy") {
        // Under generateName there is no name yet by which the policy could be recognized.
        const { compiled, name, source = compiled && compiledSource(compiled) } = subject;
        if (source === undefined || compiled === undefined || name === "") return;
        policies.set(key(namespace, name), { namespace, source }, source.bytes);
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
      const compiled = remembered.map(({ source }) => source.compile());
      return withSet(view, policySet(namespace, [...set.policies, ...compiled]));
    },
    namespaceLabels: (namespace) => labels.get(namespace),
    changed: (namespace, signal) => waiters.wait(namespace, signal),
  };
}

const key = (namespace: string, name: string): string => `${namespace}/${name}`;

interface RememberedPolicy {
  readonly namespace: string;
  readonly source: PolicySource;
}

function compiledSource(policy: CompiledPolicy): PolicySource {
  return { bytes: 0, compile: () => policy };
}

interface MemoryOptions extends Required<Pick<AdmittedOptions, "now" | "memory" | "limit">> {
  readonly weightLimit: number;
}

interface Remembered<V> {
  value: V | undefined;
  readonly weight: number;
  readonly until: number;
}

/** A map that forgets: entries after a time, the oldest ones beyond the limits. */
class Memory<V> {
  readonly #options: MemoryOptions;
  /** The oldest first. */
  readonly #entries = new Map<string, Remembered<V>>();
  #weight = 0;

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  set(name: string, value: V, weight = 0): void {
    const { now, memory } = this.#options;
    this.delete(name);
    this.#entries.set(name, { value, weight, until: now() + memory });
    this.#weight += weight;
    this.#forget();
  }

  get(name: string): V | undefined {
    this.#forget();
    return this.#entries.get(name)?.value;
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#weight -= entry.weight;
    // The map's storage may outlive the entry for long: a large policy must not.
    entry.value = undefined;
    this.#entries.delete(name);
  }

  values(): V[] {
    this.#forget();
    return Array.from(this.#entries.values(), ({ value }) => value).filter((value) => value !== undefined);
  }

  #forget(): void {
    const { now, limit, weightLimit } = this.#options;
    const time = now();
    for (const [name, { until }] of this.#entries) {
      if (until > time && this.#entries.size <= limit && this.#weight <= weightLimit) return;
      this.delete(name);
    }
  }
}
