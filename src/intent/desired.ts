import type { NetworkPolicySpec } from "../wire/network-policy.ts";
import { deniedBy } from "./denied.ts";
import type { Piece, Purposed, Unmet } from "./purpose.ts";
import { purposes } from "./purposes/index.ts";
import type { Intent } from "./keys.ts";
import type { Surroundings } from "./surroundings.ts";

/** What an intent comes to. */
export interface Desired {
  /** In the order in which they are to be written; no two have the same purpose. */
  readonly pieces: readonly Piece[];
  /** The same, also what closes or opens egress while nobody knows where the cluster's DNS is; the DNS itself is then missing. */
  readonly asked: readonly Piece[];
  /** Keys that come to nothing, so that what they ask for stays closed. */
  readonly unmet: readonly Unmet[];
}

/** The policies that an intent needs, no more and no others. Pure: the same intent in the same surroundings gives the same. */
export function desired(intent: Intent, around: Surroundings): Desired {
  const from: Purposed = { intent, around, denied: deniedBy(intent) };
  const pieces = purposes.flatMap((purpose) => purpose.pieces(from));
  const unmet = purposes.flatMap((purpose) => purpose.unmet?.(from) ?? []);
  if (!from.denied.egress || intent.allowDNS === false || around.dns !== undefined)
    return { pieces, asked: pieces, unmet };
  // Nothing may cut pods off from a DNS that cannot be opened because nobody knows where it is.
  const why = "it is not known where the cluster's DNS is; until then egress stays open";
  return {
    pieces: pieces.flatMap((piece) => withoutDirection(piece, "Egress")),
    asked: pieces,
    unmet: [...unmet, { key: "allowDNS", why }],
  };
}

/** What of the piece is left where one direction is to stay open. */
export function withoutDirection({ purpose, spec }: Piece, direction: "Ingress" | "Egress"): Piece[] {
  const policyTypes = (spec.policyTypes ?? []).filter((type) => type !== direction);
  if (policyTypes.length === 0) return [];
  const key = direction === "Egress" ? "egress" : "ingress";
  const rest: NetworkPolicySpec = { ...spec, policyTypes, [key]: [] };
  return [{ purpose, spec: rest }];
}
