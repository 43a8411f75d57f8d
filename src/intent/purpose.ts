import type { Direction, NetworkPolicySpec } from "../wire/network-policy.ts";
import type { Intent } from "./keys.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a purpose is made from. */
export interface Purposed {
  readonly intent: Intent;
  readonly around: Surroundings;
  /** The directions that are closed but for what is allowed. */
  readonly denied: Readonly<Record<Direction, boolean>>;
}

/** One policy that an intent needs. */
export interface Piece {
  /** What it is for: lower-case words joined by `-`, the same for the same intent, and no two alike in a namespace. */
  readonly purpose: string;
  readonly spec: NetworkPolicySpec;
}

/** A key of the intent that comes to nothing, and why. */
export interface Unmet {
  readonly key: keyof Intent;
  /** In half a sentence: `configuration names no ingress controller`. */
  readonly why: string;
}

/** Whether what the key asks for comes to nothing here, for now at least. */
export function isUnmet(key: Unmet["key"], unmet: readonly Unmet[]): boolean {
  return unmet.some((one) => one.key === key);
}

/** One reason for which policies are made; each looks at its own keys of the intent. */
export interface Purpose {
  pieces(from: Purposed): readonly Piece[];
  /** What of its keys cannot be had here. */
  unmet?(from: Purposed): readonly Unmet[];
}
