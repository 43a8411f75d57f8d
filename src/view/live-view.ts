import type {
  ClusterView,
  NamespaceDirectory,
  NamespaceFacts,
  UnmodelledPolicies,
} from "../model/cluster-view.ts";
import { configuredDnsProfile, type ConfiguredResolver, type DnsProfile } from "../network/dns-profile.ts";
import { compilePolicy } from "../network/dialects/kubernetes.ts";
import type { Interner } from "../network/interner.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { policySet, type PolicySet } from "../network/policy-set.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import type { Namespace } from "../wire/namespace.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { DnsIndex, dnsNamespace } from "./dns-index.ts";
import { Kind, type KindHandler } from "./kind.ts";
import { namespaceFacts, NamespaceIndex } from "./namespace-index.ts";
import { Recent } from "./recent.ts";
import { UnmodelledIndex } from "./unmodelled-index.ts";
import { Waiters } from "./waiters.ts";
import { WorkloadIndex } from "./workload-index.ts";

/** The kinds that the view is made of, by the names of their resources. */
export const followedKinds = [
  "namespaces",
  "networkpolicies",
  "pods",
  "deployments",
  "statefulsets",
  "daemonsets",
  "replicasets",
  "jobs",
  "cronjobs",
  "services",
  "endpointslices",
] as const;
export type FollowedKind = (typeof followedKinds)[number];

/** The kinds of which only those of one namespace are looked at. */
export const onlyInNamespace: Readonly<Partial<Record<FollowedKind, string>>> = {
  services: dnsNamespace,
  endpointslices: dnsNamespace,
};

/**
 * The view that reflectors keep up to date. Objects arrive between evaluations and an evaluation is synchronous, so that
 * the live view is a snapshot for as long as one lasts; nothing is copied.
 */
export interface LiveView extends ClusterView {
  /** Where the objects of each kind go. */
  readonly handlers: Readonly<Record<FollowedKind, KindHandler>>;
  /** Where policies of other kinds go; the kinds come and go. */
  readonly unmodelled: UnmodelledIndex;
  /**
   * Resolves at the next event that may change what is answered for the namespace: of its policies of any kind, pods or
   * templates, of any Namespace, of the DNS, or of what is known at all. Resolves also when the signal is aborted.
   */
  changed(namespace: string, signal: AbortSignal): Promise<void>;
}

export interface LiveViewOptions {
  readonly interner: Interner;
  /** Resolvers that configuration names; they replace what is detected. Undefined: detect. */
  readonly resolvers?: () => readonly ConfiguredResolver[] | undefined;
  /** Told of each policy that came, changed or went, after the view has it. */
  readonly policyChanged?: (namespace: string, name: string) => void;
  /** Told of each Namespace that came, changed or went (undefined), after the view has it. */
  readonly namespaceChanged?: (name: string, facts: NamespaceFacts | undefined) => void;
  /** Ids of the rules that a policy breaks by itself, asked once when it arrives. */
  readonly inspect?: (policy: NetworkPolicy, compiled: CompiledPolicy) => readonly string[];
}

export function createLiveView(options: LiveViewOptions): LiveView {
  return new ReflectedView(options);
}

/** For how many namespaces the policy set is kept as one. */
const keptSets = 1024;

class ReflectedView implements LiveView {
  readonly handlers: Readonly<Record<FollowedKind, KindHandler>>;
  readonly unmodelled: UnmodelledIndex;
  readonly #resolvers: () => readonly ConfiguredResolver[] | undefined;
  readonly #waiters = new Waiters();
  readonly #directory = new NamespaceIndex();
  readonly #namespaces: Kind<Namespace, NamespaceFacts>;
  readonly #policies: Kind<NetworkPolicy, CompiledPolicy>;
  readonly #workloads: WorkloadIndex;
  readonly #dns: DnsIndex;
  /** Only policies that break a rule; by namespace and name. */
  readonly #broken = new Map<string, Map<string, readonly string[]>>();
  readonly #sets = new Recent<string, PolicySet>(keptSets);
  #generation = 0;
  #detected: DnsProfile | undefined = undefined;

  constructor(options: LiveViewOptions) {
    const { interner, resolvers = () => undefined, policyChanged, namespaceChanged } = options;
    this.#resolvers = resolvers;
    const settled = (): void => this.#changedEverywhere();
    this.#namespaces = new Kind({
      read: namespaceFacts,
      changed: (_namespace, name, before, after) => {
        this.#directory.replace(before, after);
        this.#changedEverywhere();
        namespaceChanged?.(name, after);
      },
      settled,
    });
    this.#policies = new Kind({
      read: (policy: NetworkPolicy) => {
        const compiled = compilePolicy(policy, interner);
        this.#note(compiled.namespace, compiled.name, options.inspect?.(policy, compiled) ?? []);
        return compiled;
      },
      changed: (namespace, name, _before, after) => {
        this.#sets.delete(namespace);
        if (after === undefined) this.#note(namespace, name, []);
        policyChanged?.(namespace, name);
        this.#waiters.wake(namespace);
      },
      settled,
    });
    this.#workloads = new WorkloadIndex({
      interner,
      changed: (namespace) => {
        if (namespace === dnsNamespace) this.#changedEverywhere();
        else this.#waiters.wake(namespace);
      },
      settled,
    });
    this.#dns = new DnsIndex({ changed: settled, settled });
    this.unmodelled = new UnmodelledIndex({
      changed: (namespace) => this.#waiters.wake(namespace),
      changedEverywhere: () => this.#waiters.wakeAll(),
    });
    this.handlers = handlersOf(this.#namespaces, this.#policies, this.#workloads, this.#dns);
  }

  get namespaces(): NamespaceDirectory | undefined {
    return this.#namespaces.known ? this.#directory : undefined;
  }

  policies(namespace: string): PolicySet | undefined {
    if (!this.#policies.known || !this.#mayExist(namespace)) return undefined;
    return this.#sets.get(namespace, () => {
      this.#generation += 1;
      return policySet(namespace, this.#policies.in(namespace).values(), this.#generation);
    });
  }

  workloads(namespace: string): readonly WorkloadGroup[] | undefined {
    if (!this.#workloads.known || !this.#mayExist(namespace)) return undefined;
    return this.#workloads.groups(namespace);
  }

  get dns(): DnsProfile {
    const configured = this.#resolvers();
    if (configured !== undefined) return configuredDnsProfile(configured);
    this.#detected ??= this.#dns.profile({
      namespaceLabels: this.namespaces?.get(dnsNamespace)?.labels,
      pods: [...this.#workloads.pods.in(dnsNamespace)].map(([name, shape]) => ({ ...shape, name })),
    });
    return this.#detected;
  }

  brokenRules(namespace: string): ReadonlyMap<string, readonly string[]> | undefined {
    if (this.policies(namespace) === undefined) return undefined;
    const policies = new Map<string, string[]>();
    for (const [name, rules] of this.#broken.get(namespace) ?? []) {
      for (const rule of rules) policies.set(rule, [...(policies.get(rule) ?? []), name].sort());
    }
    return policies;
  }

  unmodelledPolicies(namespace: string): readonly UnmodelledPolicies[] {
    return this.unmodelled.in(namespace);
  }

  /** None as long as nothing declares intents. */
  dueCompanions(): readonly CompiledPolicy[] {
    return noCompanions;
  }

  changed(namespace: string, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(namespace, signal);
  }

  #note(namespace: string, name: string, rules: readonly string[]): void {
    const noted = this.#broken.get(namespace);
    if (rules.length === 0) {
      noted?.delete(name);
      if (noted?.size === 0) this.#broken.delete(namespace);
    } else if (noted === undefined) this.#broken.set(namespace, new Map([[name, rules]]));
    else noted.set(name, rules);
  }

  /** Of a namespace that has not arrived yet nothing is known, not even that it has no policies. */
  #mayExist(namespace: string): boolean {
    return !this.#namespaces.known || this.#directory.get(namespace) !== undefined;
  }

  #changedEverywhere(): void {
    this.#detected = undefined;
    this.#waiters.wakeAll();
  }
}

const noCompanions: readonly CompiledPolicy[] = [];

function handlersOf(
  namespaces: KindHandler,
  networkpolicies: KindHandler,
  workloads: WorkloadIndex,
  dns: DnsIndex,
): Readonly<Record<FollowedKind, KindHandler>> {
  const { pods, deployments, statefulsets, daemonsets, replicasets, jobs, cronjobs } = workloads;
  const { services, endpointslices } = dns;
  return {
    namespaces,
    networkpolicies,
    pods,
    deployments,
    statefulsets,
    daemonsets,
    replicasets,
    jobs,
    cronjobs,
    services,
    endpointslices,
  };
}
