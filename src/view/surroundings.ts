import { podsOf, range } from "../intent/spec.ts";
import type { Surroundings } from "../intent/surroundings.ts";
import type { Settings } from "../model/settings.ts";
import { endpointTexts, type ApiServer } from "../network/api-server.ts";
import type { NetworkPolicyEgressRule } from "../wire/network-policy.ts";

/** What is known of a cluster and matters to intents. */
export interface IntentKnowledge {
  /** The rule that opens the cluster's DNS; undefined as long as nobody knows where it is. */
  readonly dns: NetworkPolicyEgressRule | undefined;
  /** Where pods reach the API server, as configuration or the cluster says. */
  readonly apiServer: ApiServer | undefined;
}

/** What the policies of a namespace's intent depend on, as configuration and the cluster say. */
export function surroundingsOf(
  {
    ingressControllers,
    intents,
    companions,
  }: Pick<Settings, "ingressControllers" | "intents" | "companions">,
  namespace: Surroundings["namespace"],
  { dns, apiServer }: IntentKnowledge,
): Surroundings {
  const { ranges, ports } = endpointTexts([...(apiServer?.endpoints ?? []), ...(apiServer?.service ?? [])]);
  return {
    namespace,
    dns: companions.dns === "never" ? "elsewhere" : dns,
    prometheus: intents.prometheus,
    proxy: intents.proxy,
    ingressControllers: ingressControllers.map(({ namespace: theirs, pods }) =>
      podsOf(theirs, Object.keys(pods).length === 0 ? undefined : pods),
    ),
    kubeAPI: {
      // Most plugins look at the address behind the Service, some at the Service's own.
      peers: ranges.map((each) => range(each, undefined)),
      ports: ports.map((port) => ({ protocol: "TCP", port })),
    },
  };
}
