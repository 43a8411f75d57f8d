import type { Opening } from "../network/opening.ts";
import type { Selector } from "../network/selector.ts";
import type { Direction } from "../wire/network-policy.ts";

/** Where in the object: ["spec", "egress", 1, "to"]; empty for the object as a whole. */
export type Path = readonly (string | number)[];

/**
 * What a finding is about, so that before and after can be compared: named elements (pod groups of one snapshot of the
 * view, edges, pairs of peers), or every pod that a selector matches, present or not.
 */
export type Scope =
  | {
      readonly kind: "elements";
      readonly ids: ReadonlySet<string>;
      readonly beyond?: Beyond;
    }
  | { readonly kind: "selector"; readonly selector: Selector }
  /** Worse is more. */
  | { readonly kind: "amount"; readonly amount: number }
  /**
   * What the object opens in a direction. The key then spells it out; where none before has that key it is old where the
   * object before opened all of it in that direction, whichever rules spoke of that.
   */
  | { readonly kind: "openings"; readonly direction: Direction; readonly openings: readonly Opening[] };

/** Of pods: those that are not there yet are concerned as well, where the selector matches and none of `except` does. */
export interface Beyond {
  readonly selector: Selector;
  readonly except: readonly Selector[];
}

/** What a rule says about one object: data. Texts, warnings and metrics are derived from it. */
export interface Finding {
  readonly message: string;
  readonly path: Path;
  /** Canonical text of the fault, without indices: equal before and after an edit that does not concern it. */
  readonly key: string;
  readonly scope?: Scope;
  /** Values for the message's placeholders. */
  readonly data: Readonly<Record<string, string | number>>;
}

const fieldName = /^[A-Za-z0-9_-]+$/;

const control = /\p{Cc}/u;

/** `spec.egress[1].to`, as kubectl and the API server write field paths; a key that no terminal should see is quoted. */
export function formatPath(path: Path): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (!fieldName.test(segment))
      text += `[${control.test(segment) ? JSON.stringify(segment) : segment}]`;
    else text += text === "" ? segment : `.${segment}`;
  }
  return text;
}
