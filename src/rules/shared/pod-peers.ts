// The peers of a policy that select pods, with their places.

import type { Path } from "../../model/finding.ts";
import type { AllowEntry, CompiledPolicy, Peer, PodPeer } from "../../network/policy.ts";
import { directions, peerList } from "../../network/walk.ts";
import type { Direction } from "../../wire/network-policy.ts";

export interface PodPeerAt {
  readonly peer: PodPeer;
  readonly entry: AllowEntry;
  readonly direction: Direction;
  readonly path: Path;
}

/** Those of the rules in force; none of a policy that cannot be read as a whole, of which the places would not be right. */
export function podPeers(policy: CompiledPolicy): readonly PodPeerAt[] {
  if (!policy.readable) return [];
  return directions.flatMap((direction) =>
    policy[direction].flatMap((entry) =>
      (entry.peers === "any" ? none : entry.peers).flatMap((peer, at) => {
        if (peer.kind !== "pods") return [];
        const path = ["spec", direction, entry.index, peerList(direction), at];
        return [{ peer, entry, direction, path }];
      }),
    ),
  );
}

const none: readonly Peer[] = [];
