import type { Form } from "../kubernetes/client.ts";
import type { KindHandler } from "../view/kind.ts";

/** A kind that a cluster may serve or not. */
export interface ServedKind {
  readonly group: string;
  readonly kind: string;
}

/** Where what is found of some kinds goes. */
export interface ServedIndex {
  /** Begins a kind anew; until its first list is complete it is unknown. */
  follow(kind: ServedKind, where: "namespace" | "cluster"): KindHandler;
  /** The kind is not served any more: no object of it stands. */
  forget(kind: ServedKind): void;
  /** Groups that are served, and of which nobody knows what is in them. */
  setUnreadable(groups: readonly string[]): void;
}

/** Kinds that come and go together with their groups. */
export interface ServedKinds {
  readonly kinds: readonly ServedKind[];
  readonly index: ServedIndex;
  /** Whole objects or their metadata alone. */
  readonly form: Form;
  /** The group that holds what another shows, where that is served. */
  readonly storedIn?: ReadonlyMap<string, string>;
}

/** Their groups, each once. */
export function groupsOf({ kinds }: ServedKinds): readonly string[] {
  return [...new Set(kinds.map(({ group }) => group))];
}
