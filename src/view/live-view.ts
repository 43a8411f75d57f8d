import type {
  ClusterView,
  NamespaceDirectory,
  NamespaceFacts,
  NamespacePeers,
  UnmodelledPolicies,
} from "../model/cluster-view.ts";
import type { DueCompanions, NamespaceIntent } from "../model/companions.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import type { Settings } from "../model/settings.ts";
import type { ApiServer } from "../network/api-server.ts";
import { configuredDnsProfile, type ConfiguredResolver, type DnsProfile } from "../network/dns-profile.ts";
import { dnsNamespaces } from "../network/dns/candidates.ts";
import type { DnsFacts } from "../network/dns/detect.ts";
import { compilePolicy } from "../network/dialects/kubernetes.ts";
import type { Interner } from "../network/interner.ts";
import type { ClusterAddresses } from "../network/cluster-addresses.ts";
import type { MetadataServer } from "../network/metadata-server.ts";
import type { CniVerdict } from "../network/cni-verdict.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { policySet, type PolicySet } from "../network/policy-set.ts";
import type { CalledService } from "../network/called-services.ts";
import type { RouteBackend } from "../network/routes.ts";
import { serviceFacts, type ServiceFacts } from "../network/services.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import type { Namespace } from "../wire/namespace.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import type { Service } from "../wire/service.ts";
import { ApiServerIndex } from "./api-server-index.ts";
import { BackendIndex } from "./backend-index.ts";
import { BrokenRules } from "./broken-rules.ts";
import { CompanionIndex, type CompanionChanged } from "./companion-index.ts";
import { DnsIndex } from "./dns-index.ts";
import type { FollowedKind } from "./followed-kinds.ts";
import { DueInView } from "./due-in-view.ts";
import { handOn, Kind, type KindHandler } from "./kind.ts";
import { NamespaceIndex } from "./namespace-index.ts";
import { NamespacePeerIndex } from "./namespace-peer-index.ts";
import { Platform } from "./platform.ts";
import { Recent } from "./recent.ts";
import { RouteIndex } from "./route-index.ts";
import { UnmodelledIndex } from "./unmodelled-index.ts";
import { Waiters } from "./waiters.ts";
import { WorkloadIndex } from "./workload-index.ts";

/**
 * The view that reflectors keep up to date. Objects arrive between evaluations and an evaluation is synchronous, so that
 * the live view is a snapshot for as long as one lasts; nothing is copied.
 */
export interface LiveView extends ClusterView {
  /** Where the objects of each kind go. */
  readonly handlers: Readonly<Record<FollowedKind, KindHandler>>;
  /** Where policies of other kinds go; the kinds come and go. */
  readonly unmodelled: UnmodelledIndex;
  /** Where HTTPRoutes go; their kind comes and goes. */
  readonly routeIndex: RouteIndex;
  /** The stored policies that have the names of companions. */
  readonly companionPolicies: CompanionIndex;
  /**
   * Resolves at the next event that may change what is answered for the namespace: of its policies of any kind, pods,
   * templates, Services, routes or callers of its Services, of any Namespace, of the DNS, or of what is known at all. Resolves also when the signal is aborted.
   */
  changed(namespace: string, signal: AbortSignal): Promise<void>;
}

export interface LiveViewOptions {
  readonly interner: Interner;
  /** Resolvers that configuration names; they replace what is detected. Undefined: detect. */
  readonly resolvers?: () => readonly ConfiguredResolver[] | undefined;
  /** Where configuration says that the API server is reached; undefined: as its own Service says. */
  readonly apiServer?: () => ApiServer | undefined;
  /** By which intents are read and companions made; absent: nothing is due. */
  readonly settings?: () => Settings;
  /** What was read of the cluster beside the objects that are followed; undefined: nothing yet. */
  readonly facts?: () => DnsFacts | undefined;
  /** The cluster's address ranges; unknown where absent. */
  readonly addresses?: () => ClusterAddresses | undefined;
  /** The verdict on what enforces policies, found apart from the followed objects; unknown where absent. */
  readonly cni?: () => CniVerdict | undefined;
  /** Told of each policy that came, changed or went, after the view has it. */
  readonly policyChanged?: (namespace: string, name: string) => void;
  /** Told of each Namespace that came, changed or went (undefined), after the view has it. */
  readonly namespaceChanged?: (name: string, facts: NamespaceFacts | undefined) => void;
  /** Told of each policy with the name of a companion that came, changed or went, after the view has it. */
  readonly companionChanged?: CompanionChanged;
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
  readonly routeIndex: RouteIndex;
  readonly companionPolicies: CompanionIndex;
  readonly #resolvers: () => readonly ConfiguredResolver[] | undefined;
  readonly #addresses: () => ClusterAddresses | undefined;
  readonly #cni: () => CniVerdict | undefined;
  readonly #waiters = new Waiters();
  readonly #directory = new NamespaceIndex();
  readonly #namespaces: Kind<Namespace, NamespaceFacts>;
  readonly #policies: Kind<NetworkPolicy, CompiledPolicy>;
  readonly #workloads: WorkloadIndex;
  readonly #services: Kind<Service, ServiceFacts>;
  readonly #dns: DnsIndex;
  readonly #apiServer = new ApiServerIndex();
  readonly #configuredApiServer: () => ApiServer | undefined;
  readonly #backends: BackendIndex;
  readonly #namespacePeers = new NamespacePeerIndex();
  readonly #broken = new BrokenRules();
  readonly #due: DueInView;
  readonly #sets = new Recent(keptSets, (namespace: string) => this.#setOf(namespace));
  #generation = 0;
  readonly #platform: Platform;

  constructor(options: LiveViewOptions) {
    const { interner, resolvers = () => undefined, policyChanged, namespaceChanged } = options;
    this.#resolvers = resolvers;
    this.#addresses = options.addresses ?? ((): undefined => undefined);
    this.#configuredApiServer = options.apiServer ?? ((): undefined => undefined);
    this.#due = new DueInView({
      view: this,
      stored: (namespace) => this.#directory.get(namespace),
      settings: options.settings ?? ((): undefined => undefined),
    });
    this.#cni = options.cni ?? ((): undefined => undefined);
    const settled = (): void => this.#changedEverywhere();
    this.#namespaces = new Kind({
      read: namespaceFacts,
      changed: (_namespace, name, before, after) => {
        this.#directory.replace(before, after);
        if (after === undefined) this.#due.forget(name);
        this.#changedEverywhere();
        namespaceChanged?.(name, after);
      },
      settled,
    });
    this.#policies = new Kind({
      read: (policy: NetworkPolicy) => {
        const compiled = compilePolicy(policy, interner);
        this.#broken.note(compiled.namespace, compiled.name, options.inspect?.(policy, compiled) ?? []);
        return compiled;
      },
      changed: (namespace, name, before, after) => {
        this.#sets.delete(namespace);
        this.#namespacePeers.replace(namespace, before, after);
        if (after === undefined) this.#broken.note(namespace, name, []);
        policyChanged?.(namespace, name);
        this.#waiters.wake(namespace);
      },
      settled,
    });
    this.#workloads = new WorkloadIndex({
      interner,
      changed: (namespace) => {
        if (dnsNamespaces.some((each) => each === namespace)) this.#changedEverywhere();
        else this.#waiters.wake(namespace);
      },
      settled,
    });
    this.#services = new Kind({
      read: (service: Service) => serviceFacts(service, interner),
      changed: (namespace) => this.#waiters.wake(namespace),
      settled,
    });
    this.#dns = new DnsIndex({ changed: settled, settled });
    this.#platform = new Platform(options.facts ?? ((): undefined => undefined), (facts) =>
      this.#dns.profile({
        namespaceLabels: (namespace) => this.namespaces?.get(namespace)?.labels,
        pods: (namespace) =>
          [...this.#workloads.pods.in(namespace)].map(([name, shape]) => ({ ...shape, name })),
        facts,
      }),
    );
    this.unmodelled = new UnmodelledIndex({
      changed: (namespace) => this.#waiters.wake(namespace),
      changedEverywhere: () => this.#waiters.wakeAll(),
    });
    this.routeIndex = new RouteIndex({ changed: (namespace) => this.#waiters.wake(namespace), settled });
    this.#backends = new BackendIndex({ changed: (namespace) => this.#waiters.wake(namespace), settled });
    this.companionPolicies = new CompanionIndex(options.companionChanged);
    this.handlers = {
      ingresses: this.routeIndex.ingresses,
      validatingwebhookconfigurations: this.#backends.validating,
      mutatingwebhookconfigurations: this.#backends.mutating,
      apiservices: this.#backends.apiServices,
      namespaces: this.#namespaces,
      networkpolicies: handOn(this.#policies, this.companionPolicies),
      services: this.#services,
      ...this.#workloads.handlers,
      ...this.#dns.handlers,
      "services/default": this.#apiServer.services,
      "endpointslices/default": this.#apiServer.endpointslices,
    };
  }

  get namespaces(): NamespaceDirectory | undefined {
    return this.#namespaces.known ? this.#directory : undefined;
  }

  policies(namespace: string): PolicySet | undefined {
    if (!this.#policies.known || !this.#mayExist(namespace)) return undefined;
    return this.#sets.get(namespace);
  }

  workloads(namespace: string): readonly WorkloadGroup[] | undefined {
    if (!this.#workloads.known || !this.#mayExist(namespace)) return undefined;
    return this.#workloads.groups(namespace);
  }

  services(namespace: string): ReadonlyMap<string, ServiceFacts> | undefined {
    if (!this.#services.known || !this.#mayExist(namespace)) return undefined;
    return this.#services.in(namespace);
  }

  routes(namespace: string): readonly RouteBackend[] | undefined {
    return this.#mayExist(namespace) ? this.routeIndex.in(namespace) : undefined;
  }

  backends(namespace: string): readonly CalledService[] | undefined {
    return this.#backends.in(namespace);
  }

  get dns(): DnsProfile {
    const configured = this.#resolvers();
    return configured === undefined ? this.#platform.dns : configuredDnsProfile(configured);
  }

  get addresses(): ClusterAddresses | undefined {
    return this.#addresses();
  }

  get apiServer(): ApiServer | undefined {
    return this.#configuredApiServer() ?? this.#apiServer.apiServer;
  }

  get cni(): CniVerdict | undefined {
    return this.#cni();
  }

  get metadata(): MetadataServer {
    return this.#platform.metadata;
  }

  brokenRules(namespace: string): ReadonlyMap<string, readonly string[]> | undefined {
    if (this.policies(namespace) === undefined) return undefined;
    return this.#broken.in(namespace);
  }

  unmodelledPolicies(namespace: string): readonly UnmodelledPolicies[] {
    return this.unmodelled.in(namespace);
  }

  get namespacePeers(): NamespacePeers | undefined {
    return this.#policies.known ? this.#namespacePeers : undefined;
  }

  companionsFor(facts: NamespaceFacts, policies?: PolicySet): DueCompanions {
    return this.#due.for(facts, policies);
  }

  intentOf(namespace: string): NamespaceIntent {
    return this.#due.in(namespace).intent;
  }

  dueCompanions(namespace: string): readonly CompiledPolicy[] {
    return this.#due.in(namespace).compiled;
  }

  changed(namespace: string, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(namespace, signal);
  }

  #setOf(namespace: string): PolicySet {
    this.#generation += 1;
    return policySet(namespace, this.#policies.in(namespace).values(), this.#generation);
  }

  /** Of a namespace that has not arrived yet nothing is known, not even that it has no policies. */
  #mayExist(namespace: string): boolean {
    return !this.#namespaces.known || this.#directory.get(namespace) !== undefined;
  }

  #changedEverywhere(): void {
    this.#platform.forget();
    this.#waiters.wakeAll();
  }
}
