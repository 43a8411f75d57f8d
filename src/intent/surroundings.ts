import type { LabelSet } from "../network/labels.ts";
import type {
  NetworkPolicyEgressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../wire/network-policy.ts";

/** What an intent's policies depend on besides the intent: the namespace, and what configuration or the cluster say. */
export interface Surroundings {
  readonly namespace: { readonly name: string; readonly labels: LabelSet };
  /** The rule that opens the cluster's DNS; undefined as long as nobody knows where it is; `elsewhere`: others open it. */
  readonly dns: NetworkPolicyEgressRule | "elsewhere" | undefined;
  /** Each empty where nothing is known of it. */
  readonly ingressControllers: readonly NetworkPolicyPeer[];
  readonly prometheus: readonly NetworkPolicyPeer[];
  readonly proxy: Endpoint;
  readonly kubeAPI: Endpoint;
}

/** Who answers, and on which ports; no ports mean all of them. */
export interface Endpoint {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}
