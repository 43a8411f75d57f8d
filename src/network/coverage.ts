import type { Budget } from "./budget.ts";
import { matches, overlaps } from "./selector.ts";
import { coveredBy } from "./selector-cover.ts";
import type { Selector } from "./selector.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** Which pods a fault of the set concerns: groups that are present, or everything that a selector matches. */
export type PodScope =
  | {
      readonly kind: "groups";
      readonly ids: ReadonlySet<string>;
      readonly groups: readonly WorkloadGroup[];
      /** Pods that are not there yet are concerned as well, where the selector matches and none of `except` does. */
      readonly beyond: { readonly selector: Selector; readonly except: readonly Selector[] };
    }
  | { readonly kind: "selector"; readonly selector: Selector };

/** Whether the pods that a selector matches are all served by a union of selectors. */
export type Coverage =
  | { readonly kind: "covered" }
  | {
      readonly kind: "uncovered";
      readonly scope: PodScope;
      /** The selectors were too much for the work budget: only the pods present were looked at. */
      readonly byPresentPods: boolean;
    }
  | { readonly kind: "unknown" };

/** What coverage is judged by. */
export interface CoverageQuestion {
  readonly subject: Selector;
  /** Selectors of what certainly serves. */
  readonly sure: readonly Selector[];
  /** Those, and what may serve. */
  readonly possible: readonly Selector[];
  /** Pods and templates of the namespace; `undefined`: not known. */
  readonly groups: readonly WorkloadGroup[] | undefined;
  /** Whether a group needs to be served. */
  readonly concerns: (group: WorkloadGroup) => boolean;
  readonly budget: Budget;
}

/**
 * (1) The subject implies the union: covered. (2) A present group that is concerned is outside of it: uncovered, those
 * groups. (3) No pod and no template at all matches the subject, and the union is disjoint from it: uncovered, the
 * subject. (4) Otherwise unknown: who will come cannot be said.
 */
export function judgeCoverage(question: CoverageQuestion): Coverage {
  const { subject, sure, possible, groups, concerns, budget } = question;
  const covered = coveredBy(subject, sure, budget);
  if (covered === true) return { kind: "covered" };
  if (groups === undefined) return { kind: "unknown" };
  const present = groups.filter((group) => matches(subject, group.labels));
  const outside = present.filter((group) => {
    budget.tick(1 + possible.length);
    return concerns(group) && !possible.some((selector) => matches(selector, group.labels));
  });
  if (outside.length > 0) {
    const scope = {
      kind: "groups",
      ids: new Set(outside.map(({ id }) => id)),
      groups: outside,
      beyond: { selector: subject, except: possible },
    } as const;
    return { kind: "uncovered", scope, byPresentPods: covered === undefined };
  }
  if (present.length === 0 && !possible.some((selector) => overlaps(subject, selector))) {
    return { kind: "uncovered", scope: { kind: "selector", selector: subject }, byPresentPods: false };
  }
  return { kind: "unknown" };
}
