import type { NetworkPolicyPeer } from "../../wire/network-policy.ts";
import type { Purpose } from "../purpose.ts";
import type { Surroundings } from "../surroundings.ts";
import { fromPeers, ingressSpec } from "../spec.ts";

/** A purpose that lets in pods which configuration names. */
export function fromConfigured(
  key: "allowIngressFromIngress" | "allowMonitoring",
  purpose: string,
  peersOf: (around: Surroundings) => readonly NetworkPolicyPeer[],
  whom: string,
): Purpose {
  return {
    pieces({ intent, around }) {
      const allowed = intent[key];
      const peers = peersOf(around);
      if (allowed === undefined || peers.length === 0) return [];
      return [{ purpose, spec: ingressSpec(allowed.to, [fromPeers(peers, allowed.ports)]) }];
    },
    unmet({ intent, around }) {
      if (intent[key] === undefined || peersOf(around).length > 0) return [];
      return [{ key, why: `configuration names no ${whom}` }];
    },
  };
}
