import type { Budget } from "../network/budget.ts";
import { openingCovered } from "../network/entry-cover.ts";
import type { Opening } from "../network/opening.ts";
import type { NamespaceIdentity } from "../network/reachability.ts";
import { overlaps, type Selector } from "../network/selector.ts";
import { coveredBy } from "../network/selector-cover.ts";
import type { Beyond, Finding, Scope } from "../model/finding.ts";
import type { Direction } from "../wire/network-policy.ts";

/** What one rule found on the state before, by key; made once for all its findings after, of which there may be thousands. */
export type Standing = ReadonlyMap<string, Concerned>;

/** What the old findings of one key concerned, together. */
interface Concerned {
  readonly ids: Set<string>;
  /** By their texts. */
  readonly selectors: Map<string, Selector>;
  readonly beyond: Beyond[];
  amount: number;
}

/** What the policy opened before the request, and the namespace that it stands in. */
export interface OpenedBefore {
  readonly own: NamespaceIdentity;
  in(direction: Direction): readonly Opening[];
}

/** Puts the findings of one rule on the state before together. */
export function standing(before: readonly Finding[]): Standing {
  const byKey = new Map<string, Concerned>();
  for (const { key, scope } of before) {
    const concerned: Concerned = byKey.get(key) ?? {
      ids: new Set(),
      selectors: new Map(),
      beyond: [],
      amount: 0,
    };
    byKey.set(key, concerned);
    if (scope?.kind === "selector") concerned.selectors.set(scope.selector.text, scope.selector);
    if (scope?.kind === "amount") concerned.amount = Math.max(concerned.amount, scope.amount);
    if (scope?.kind !== "elements") continue;
    for (const id of scope.ids) concerned.ids.add(id);
    if (scope.beyond !== undefined) concerned.beyond.push(scope.beyond);
  }
  return byKey;
}

/**
 * Whether a finding is brought or worsened by the request: no finding of the same rule and key stood before, or what
 * it concerns now lies outside what those concerned. `before` is of the same rule. Index, order and wording never count.
 * `undefined` where that is not known: past the work budget, or where it depends on the named ports of pods.
 */
export function introduces(
  finding: Finding,
  before: Standing,
  budget: Budget,
  opened?: OpenedBefore,
): boolean | undefined {
  const { key, scope } = finding;
  const concerned = before.get(key);
  // The same words stand for the same openings: most findings on a large policy cost no more than that.
  if (scope?.kind === "openings") return concerned === undefined && not(wereOpen(scope, opened, budget));
  if (concerned === undefined) return true;
  if (scope === undefined) return false;
  return not(within(scope, concerned, budget));
}

function not(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

type Openings = Extract<Scope, { kind: "openings" }>;

function wereOpen(
  { direction, openings }: Openings,
  before: OpenedBefore | undefined,
  budget: Budget,
): boolean | undefined {
  if (before === undefined) return false;
  const others = before.in(direction);
  const context = { own: before.own, budget };
  let unknown = false;
  for (const opening of openings) {
    const covered = openingCovered(opening, others, context);
    if (covered === false) return false;
    unknown ||= covered === undefined;
  }
  return unknown ? undefined : true;
}

function within(
  scope: Exclude<Scope, Openings>,
  { ids, selectors, beyond, amount }: Concerned,
  budget: Budget,
): boolean | undefined {
  if (scope.kind === "amount") return scope.amount <= amount;
  if (scope.kind === "elements") return [...scope.ids].every((id) => ids.has(id));
  const { selector } = scope;
  // Without this a namespace of many old findings would use the budget up before the new one is reached.
  if (selectors.has(selector.text)) return true;
  const old = [...selectors.values()];
  for (const { selector: also, except } of beyond) {
    if (except.every((served) => !overlaps(selector, served))) old.push(also);
  }
  return coveredBy(selector, old, budget);
}
