import type { Purpose } from "../purpose.ts";
import type { Endpoint, Surroundings } from "../surroundings.ts";
import { egressSpec, toPeers } from "../spec.ts";

/** A purpose that lets pods out to what configuration, or the cluster, names. */
export function toConfigured(
  key: "allowKubeAPI" | "egressProxy",
  purpose: string,
  endpointOf: (around: Surroundings) => Endpoint,
  why: string,
): Purpose {
  return {
    pieces({ intent, around }) {
      const allowed = intent[key];
      const { peers, ports } = endpointOf(around);
      if (allowed === undefined || peers.length === 0) return [];
      return [{ purpose, spec: egressSpec(allowed.from, [toPeers(peers, ports)]) }];
    },
    unmet({ intent, around }) {
      if (intent[key] === undefined || endpointOf(around).peers.length > 0) return [];
      return [{ key, why }];
    },
  };
}
