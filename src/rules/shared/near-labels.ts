// Which label was meant by a selector that selects nothing.

import { nearNames } from "../../model/near.ts";
import type { Budget } from "../../network/budget.ts";
import { allows } from "../../network/constraint.ts";
import type { Selector } from "../../network/selector.ts";
import type { WorkloadGroup } from "../../network/workloads.ts";

/** So many groups are looked at: names are compared letter by letter. */
const compared = 200;

/**
 * The label of a pod or workload that would be selected but for one requirement, which that label resembles: the key with a
 * similar value, or another key with the same value. `example` bears it.
 */
export function nearRequirement(
  selector: Selector,
  groups: readonly WorkloadGroup[],
  budget: Budget,
): { readonly near: string; readonly example: string } | undefined {
  for (const { labels, examples, finished } of groups.slice(0, compared)) {
    budget.tick(1 + labels.size);
    if (finished) continue;
    const broken = [...selector.constraints].filter(
      ([key, constraint]) => !allows(constraint, labels.get(key)),
    );
    const [[key, constraint] = [], ...others] = broken;
    const wanted = constraint?.complement === false ? constraint.values[0] : undefined;
    if (key === undefined || wanted === undefined || others.length > 0) continue;
    const standing = labels.get(key);
    const example = examples[0] ?? "";
    if (standing !== undefined && nearNames(wanted, [standing]).length > 0)
      return { near: `${key}=${standing}`, example };
    const elsewhere = [...labels].find(([other, value]) => value === wanted && other !== key);
    if (standing === undefined && elsewhere !== undefined)
      return { near: `${elsewhere[0]}=${wanted}`, example };
  }
  return undefined;
}
