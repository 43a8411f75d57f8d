import type { NamespaceDirectory } from "../model/cluster-view.ts";
import type { ConfiguredDns, Settings } from "../model/settings.ts";
import type { ConfiguredResolver } from "../network/dns-profile.ts";
import { labelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";

/**
 * The resolvers that configuration names, as the DNS profile takes them; undefined where they are to be detected. Of
 * a resolver's namespace those labels are taken that it has; where it is not known, that of its name, which all have.
 */
export function configuredResolvers(
  dns: Settings["dns"],
  namespaces: NamespaceDirectory | undefined,
): readonly ConfiguredResolver[] | undefined {
  return dns?.resolvers.map((resolver) => resolverOf(resolver, namespaces));
}

function resolverOf(resolver: ConfiguredDns, namespaces: NamespaceDirectory | undefined): ConfiguredResolver {
  if (resolver.kind === "addresses") {
    const { addresses, ports } = resolver;
    // On the nodes' network, so to speak: no selector matches it, wherever it stands.
    const nowhere = {
      namespace: "",
      namespaceLabels: labelSet({}),
      podLabels: labelSet({}),
      hostNetwork: true,
    };
    return { name: addresses.join(", "), ...nowhere, nodeLocalAddresses: addresses, addresses, ports };
  }
  const { namespace, pods, ports, clusterIPs, nodeLocalAddresses } = resolver;
  const namespaceLabels = namespaces?.get(namespace)?.labels ?? labelSet({ [namespaceNameLabel]: namespace });
  const name = `pods in ${namespace}`;
  return {
    name,
    namespace,
    namespaceLabels,
    podLabels: labelSet(pods),
    ports,
    clusterIPs,
    nodeLocalAddresses,
  };
}
