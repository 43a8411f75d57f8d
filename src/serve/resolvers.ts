import type { ClusterView } from "../model/cluster-view.ts";
import type { Settings } from "../model/settings.ts";
import type { ConfiguredResolver } from "../network/dns-profile.ts";
import { labelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";

type Configured = Settings["dns"]["resolvers"][number];

/**
 * The resolvers that configuration states in so many words; undefined where they are to be read from the cluster, as
 * Service kube-system/kube-dns is.
 */
export function configuredResolvers(
  settings: Pick<Settings, "dns">,
  view: Pick<ClusterView, "namespaces">,
): readonly ConfiguredResolver[] | undefined {
  const stated = settings.dns.resolvers.filter((resolver) => !isRead(resolver));
  return stated.length === 0 ? undefined : stated.flatMap((resolver) => statedResolver(resolver, view));
}

function isRead(resolver: Configured): boolean {
  return resolver.kind === "service" && resolver.pods === undefined;
}

function statedResolver(
  resolver: Configured,
  view: Pick<ClusterView, "namespaces">,
): readonly ConfiguredResolver[] {
  if (resolver.kind === "addresses") {
    const { addresses, ports } = resolver;
    const name = addresses.join(", ");
    const nowhere = { namespace: "", namespaceLabels: labelSet({}), podLabels: labelSet({}) };
    return [{ name, ...nowhere, hostNetwork: true, nodeLocalAddresses: addresses, addresses, ports }];
  }
  const { namespace, name, pods, ports } = resolver;
  const namespaceLabels =
    view.namespaces?.get(namespace)?.labels ?? labelSet({ [namespaceNameLabel]: namespace });
  const stated = { name: `${namespace}/${name}`, namespace, namespaceLabels, podLabels: labelSet(pods) };
  return [ports === undefined ? stated : { ...stated, ports }];
}
