import type { Budget } from "../network/budget.ts";
import { coveredBy, overlaps, type Selector } from "../network/selector.ts";
import type { Finding, Scope } from "../model/finding.ts";

/**
 * Whether a finding is brought or worsened by the request: no finding of the same rule and key stood before, or what
 * it concerns now lies outside what those concerned. `before` holds the same rule's findings on the state before.
 * Index, order and wording never count.
 */
export function introduces(finding: Finding, before: readonly Finding[], budget: Budget): boolean {
  const same = before.filter((old) => old.key === finding.key);
  if (same.length === 0) return true;
  if (finding.scope === undefined) return false;
  return !within(finding.scope, same, budget);
}

function within(scope: Scope, before: readonly Finding[], budget: Budget): boolean {
  const scopes = before.map((old) => old.scope).filter((old) => old !== undefined);
  if (scope.kind === "elements") {
    return [...scope.ids].every((id) => scopes.some((old) => old.kind === "elements" && old.ids.has(id)));
  }
  const { selector } = scope;
  // Without this a namespace of many old findings would use the budget up before the new one is reached.
  if (scopes.some((old) => old.kind === "selector" && old.selector.text === selector.text)) return true;
  const selectors: Selector[] = [];
  for (const old of scopes) {
    if (old.kind === "selector") selectors.push(old.selector);
    else if (old.beyond?.except.every((served) => !overlaps(selector, served)) === true) {
      selectors.push(old.beyond.selector);
    }
  }
  // Past the work budget the answer is unknown, and unknown never denies: it then counts as old.
  return coveredBy(selector, selectors, budget) !== false;
}
