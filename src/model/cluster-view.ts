import type { DueCompanions, NamespaceIntent } from "./companions.ts";
import type { ApiServer } from "../network/api-server.ts";
import type { Budget } from "../network/budget.ts";
import type { ClusterAddresses } from "../network/cluster-addresses.ts";
import type { CniVerdict } from "../network/cni-verdict.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import type { CalledService } from "../network/called-services.ts";
import type { MetadataServer } from "../network/metadata-server.ts";
import type { LabelSet } from "../network/labels.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import type { PolicySet } from "../network/policy-set.ts";
import type { Selector } from "../network/selector.ts";
import type { RouteBackend } from "../network/routes.ts";
import type { ServiceFacts } from "../network/services.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import type { Direction } from "../wire/network-policy.ts";

/** Parts of the view that a rule may need; where one is absent the rule's answer is *unknown*. */
export type ViewPart =
  | "namespaces"
  | "policies"
  | "workloads"
  | "services"
  | "routes"
  | "backends"
  | "apiServer"
  | "dns"
  | "addresses";

/**
 * What the rules may know of the cluster: one snapshot, served from reflectors or files. Nothing here waits or calls
 * out. `undefined` always means *unknown*, never *none*.
 */
export interface ClusterView {
  readonly namespaces: NamespaceDirectory | undefined;
  /** The policies of one namespace; a namespace that is known and has none gives an empty set. */
  policies(namespace: string): PolicySet | undefined;
  /** Pods and workload templates of one namespace, grouped. */
  workloads(namespace: string): readonly WorkloadGroup[] | undefined;
  /** The Services of one namespace by name, those that select no pods included. */
  services(namespace: string): ReadonlyMap<string, ServiceFacts> | undefined;
  /** To which Services the Ingresses and HTTPRoutes of one namespace send. */
  routes(namespace: string): readonly RouteBackend[] | undefined;
  /** Which Services of one namespace the API server calls, for webhooks and APIServices. */
  backends(namespace: string): readonly CalledService[] | undefined;
  readonly dns: DnsProfile;
  /** Which addresses are those of pods, Services and nodes; undefined as long as no range is known. */
  readonly addresses: ClusterAddresses | undefined;
  /** Where pods reach the API server. */
  readonly apiServer: ApiServer | undefined;
  /** Whether anything enforces policies in this cluster; undefined as long as nothing was read. */
  readonly cni: CniVerdict | undefined;
  /** Who answers pods at the cloud's metadata address. */
  readonly metadata: MetadataServer;
  /**
   * Rules of the object alone that stored policies of the namespace break, with the policies' names; found when a
   * policy arrives, by the configuration of that moment.
   */
  brokenRules(namespace: string): ReadonlyMap<string, readonly string[]> | undefined;
  /**
   * Policies of kinds that are not modelled and concern the namespace; empty where there are none. What the set of
   * policies does is unknown beside them.
   */
  unmodelledPolicies(namespace: string): readonly UnmodelledPolicies[];
  /** Which namespaces the peers of all stored policies select; undefined as long as those are not known. */
  readonly namespacePeers: NamespacePeers | undefined;
  /**
   * What is due in a namespace as it is or would be. `policies` are those that it has then; without them those of its
   * name in this view.
   */
  companionsFor(facts: NamespaceFacts, policies?: PolicySet): DueCompanions;
  /** What the namespace declares as it is stored, or what configuration says for it; `none` where it is not known. */
  intentOf(namespace: string): NamespaceIntent;
  /** Companions that are due in the namespace as it is stored, whether they are stored yet or not. */
  dueCompanions(namespace: string): readonly CompiledPolicy[];
}

/** That a kind of policies that is not modelled concerns a namespace, and how. */
export interface UnmodelledPolicies {
  /** `CiliumNetworkPolicy (cilium.io)` */
  readonly name: string;
  /** In the namespace, for the whole cluster, or nobody knows because the kind cannot be read. */
  readonly where: "namespace" | "cluster" | "unreadable";
}

/** A selector by which peers of policies select namespaces, and who has such peers. */
export interface NamespaceSelection {
  readonly selector: Selector;
  /** Of the rules that have such peers: `ingress` lets those namespaces in. */
  readonly direction: Direction;
  /** How many policies of each namespace. */
  readonly policies: ReadonlyMap<string, number>;
}

export interface NamespacePeers {
  /**
   * The selections by a namespace's labels that a namespace with these labels is in, from an index. What demands no label
   * of it besides its name is left out: `{}`, a name alone, and what only excludes.
   */
  matching(labels: LabelSet, budget: Budget): readonly NamespaceSelection[];
}

export interface NamespaceDirectory {
  get(name: string): NamespaceFacts | undefined;
  /** Namespaces that the selector matches; answered from an index, names in no particular order. */
  matching(selector: Selector): readonly NamespaceFacts[];
}

export interface NamespaceFacts {
  readonly name: string;
  readonly uid: string;
  readonly labels: LabelSet;
  /** The `ringfence.dev/` annotations alone. */
  readonly annotations: LabelSet;
  readonly terminating: boolean;
}
