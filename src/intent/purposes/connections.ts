import type { Direction, NetworkPolicyPeer } from "../../wire/network-policy.ts";
import { digest, pairsOf, readable } from "../names.ts";
import type { Piece, Purpose } from "../purpose.ts";
import type { Connection, ConnectionEnd } from "../keys.ts";
import { egressSpec, fromPeers, ingressSpec, pods, podsOf, toPeers } from "../spec.ts";

/** Each edge: egress of the pods where it begins, ingress of those where it ends, as far as they are of this namespace. */
export const connections: Purpose = {
  pieces: ({ intent, denied }) => [
    ...new Map(
      intent.connections
        .flatMap((connection) => sidesOf(connection, denied))
        // The same edge written twice is one.
        .map((piece) => [piece.purpose, piece]),
    ).values(),
  ],
};

function sidesOf(
  { from, to, ports }: Connection,
  denied: Readonly<Record<Direction, boolean>>,
): readonly Piece[] {
  const edge = `${nameOfEnd(from)}-to-${nameOfEnd(to)}-${digest(JSON.stringify([canonical(from), canonical(to), ports]))}`;
  const pieces: Piece[] = [];
  if (denied.egress && from.namespace === undefined) {
    pieces.push({
      purpose: `egress-${edge}`,
      spec: egressSpec(from.pods, [toPeers([peerOf(to)], ports)]),
    });
  }
  if (denied.ingress && to.namespace === undefined) {
    pieces.push({
      purpose: `ingress-${edge}`,
      spec: ingressSpec(to.pods, [fromPeers([peerOf(from)], ports)]),
    });
  }
  return pieces;
}

function peerOf({ namespace, pods: labels }: ConnectionEnd): NetworkPolicyPeer {
  return namespace === undefined ? { podSelector: pods(labels) } : podsOf(namespace, labels);
}

function nameOfEnd({ namespace, pods: labels = {} }: ConnectionEnd): string {
  return readable([namespace ?? "", ...pairsOf(labels).map(([, value]) => value)].join("-"));
}

function canonical({ namespace, pods: labels = {} }: ConnectionEnd): unknown {
  return [namespace ?? null, pairsOf(labels)];
}
