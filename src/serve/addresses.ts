import { clusterAddresses, type AddressFacts, type ClusterAddresses } from "../network/cluster-addresses.ts";
import type { Settings } from "../model/settings.ts";

/** The cluster's addresses while serving: found anew when other facts have been read or another configuration is in force. */
export function addressesOf(
  facts: () => AddressFacts | undefined,
  settings: () => Pick<Settings, "clusterAddresses">,
): () => ClusterAddresses | undefined {
  let from: readonly [AddressFacts | undefined, Settings["clusterAddresses"]] | undefined;
  let found: ClusterAddresses | undefined;
  return () => {
    const read = facts();
    const configured = settings().clusterAddresses;
    if (from?.[0] !== read || from?.[1] !== configured) {
      from = [read, configured];
      found = clusterAddresses(read, configured);
    }
    return found;
  };
}
