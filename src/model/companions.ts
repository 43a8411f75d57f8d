import type { Intent } from "../intent/keys.ts";
import type { Piece, Unmet } from "../intent/purpose.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import type { Direction } from "../wire/network-policy.ts";

/** What a namespace says that it needs, or what configuration says for it. */
export type NamespaceIntent =
  | { readonly source: "declared" | "default"; readonly intent: Intent }
  /** An annotation that cannot be read: what stands is left as it is. */
  | { readonly source: "unreadable"; readonly faults: readonly string[] }
  | { readonly source: "none" };

/** A direction that is left open for now, though the intent closes it. */
export interface HeldBack {
  readonly direction: Direction;
  /** In half a sentence: `pods behind the webhook of …`. */
  readonly why: string;
  /** The value of the annotation by which an operator confirms it; absent: it cannot be confirmed. */
  readonly confirm?: string;
}

/** Why Ringfence keeps no companions in a namespace. */
export type Excluded = "terminating" | "exempt" | "system";

/** The policies that a namespace is to have from Ringfence. */
export interface DueCompanions {
  readonly intent: NamespaceIntent;
  /** Where it is set nothing is due: what Ringfence wrote before is removed, but left to its end in one that terminates. */
  readonly excluded?: Excluded;
  /** In the order in which they are to be written; the last is the first to go. */
  readonly pieces: readonly Piece[];
  /** All that is asked for, also what is held back or waits until it is known where the DNS is. */
  readonly asked: readonly Piece[];
  readonly unmet: readonly Unmet[];
  readonly heldBack: readonly HeldBack[];
  /** The pieces as rules see them, under the names that they have where nobody else has taken those. */
  readonly compiled: readonly CompiledPolicy[];
  /** The same of all that is asked for. */
  readonly compiledAsked: readonly CompiledPolicy[];
}
