import type { LabelSelector, LabelSelectorRequirement } from "../wire/meta.ts";
import { isImpossible, type Constraint } from "./constraint.ts";
import type { Selector } from "./selector.ts";

/** A compiled selector as it is written; `undefined` where it selects nothing, or only a union of selectors would say it. */
export function writtenSelector(selector: Selector): LabelSelector | undefined {
  const matchLabels: [string, string][] = [];
  const matchExpressions: LabelSelectorRequirement[] = [];
  for (const [key, constraint] of selector.constraints) {
    const { absent, complement, values } = constraint;
    const [only, ...others] = values;
    if (!absent && !complement && only !== undefined && others.length === 0) matchLabels.push([key, only]);
    else {
      const requirements = requirementsOf(key, constraint);
      if (requirements === undefined) return undefined;
      matchExpressions.push(...requirements);
    }
  }
  return {
    ...(matchLabels.length > 0 && { matchLabels: Object.fromEntries(matchLabels) }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
  };
}

function requirementsOf(key: string, constraint: Constraint): LabelSelectorRequirement[] | undefined {
  const { absent, complement, values } = constraint;
  if (isImpossible(constraint)) return undefined;
  if (!complement) {
    if (absent) return values.length === 0 ? [{ key, operator: "DoesNotExist" }] : undefined;
    return [{ key, operator: "In", values: [...values] }];
  }
  const exists: LabelSelectorRequirement[] = absent ? [] : [{ key, operator: "Exists" }];
  // NotIn holds where there is no such label as well.
  return values.length === 0 ? exists : [...exists, { key, operator: "NotIn", values: [...values] }];
}
