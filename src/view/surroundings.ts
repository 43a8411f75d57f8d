import { range, podsOf } from "../intent/spec.ts";
import type { Surroundings } from "../intent/surroundings.ts";
import type { Settings } from "../model/settings.ts";
import { parseAddress } from "../network/address.ts";
import { singleAddress } from "../network/cidr.ts";

/** What the policies of a namespace's intent depend on, as configuration says. */
export function surroundingsOf(
  settings: Pick<Settings, "ingressControllers" | "intents" | "apiServer">,
  here: Pick<Surroundings, "namespace" | "dns">,
): Surroundings {
  const { ingressControllers, intents, apiServer } = settings;
  const addresses = (apiServer?.addresses ?? []).flatMap((text) => parseAddress(text) ?? []);
  return {
    ...here,
    ...intents,
    ingressControllers: ingressControllers.map(({ namespace, pods }) =>
      podsOf(namespace, Object.keys(pods).length === 0 ? undefined : pods),
    ),
    kubeAPI: {
      peers: addresses.map((address) => range(singleAddress(address).text, undefined)),
      ports: (apiServer?.ports ?? []).map((port) => ({ protocol: "TCP", port })),
    },
  };
}
