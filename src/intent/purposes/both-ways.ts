import type { Direction, NetworkPolicyPeer } from "../../wire/network-policy.ts";
import type { Piece } from "../purpose.ts";
import { fromPeers, toPeers, typesOf } from "../spec.ts";

/** All pods reach the peer and are reached by it, in the directions that are closed; an open one is left open. */
export function bothWays(
  purpose: string,
  peer: NetworkPolicyPeer,
  denied: Readonly<Record<Direction, boolean>>,
): readonly Piece[] {
  const policyTypes = typesOf(denied);
  if (policyTypes.length === 0) return [];
  const ingress = denied.ingress ? [fromPeers([peer])] : [];
  const egress = denied.egress ? [toPeers([peer])] : [];
  return [{ purpose, spec: { podSelector: {}, policyTypes, ingress, egress } }];
}
