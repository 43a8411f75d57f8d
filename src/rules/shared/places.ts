// Namespaces with what stands in them, as far as it is known.

import type { ClusterView, NamespaceDirectory, NamespaceFacts } from "../../model/cluster-view.ts";
import type { Budget } from "../../network/budget.ts";
import type { Place } from "../../network/edges.ts";
import type { PolicySet } from "../../network/policy-set.ts";
import type { Selector } from "../../network/selector.ts";

/** So many namespaces are looked at for one peer, and for one request. */
export const mostNamespaces = 20;

/** A namespace with its labels, policies, pods and templates; undefined where one of them is not known. */
export function placeIn(
  namespace: string,
  view: ClusterView,
): (Place & { readonly policies: PolicySet }) | undefined {
  const facts = view.namespaces?.get(namespace);
  const policies = view.policies(namespace);
  const groups = view.workloads(namespace);
  if (facts === undefined || policies === undefined || groups === undefined) return undefined;
  // What policies of a kind that is not modelled close or open is not known.
  if (view.unmodelledPolicies(namespace).length > 0) return undefined;
  return { namespace: { name: facts.name, labels: facts.labels }, policies, groups };
}

/** Steps of the budget for a selector by which no index helps: each namespace is held against it. */
const scan = 200;

/** Which namespaces selectors mean: each is asked once for a request, and at a price. */
export class NamespaceLookup {
  readonly #namespaces: NamespaceDirectory;
  readonly #budget: Budget;
  readonly #found = new Map<string, readonly NamespaceFacts[]>();

  constructor(namespaces: NamespaceDirectory, budget: Budget) {
    this.#namespaces = namespaces;
    this.#budget = budget;
  }

  /** Undefined where the budget is used up. */
  matching(selector: Selector): readonly NamespaceFacts[] | undefined {
    const standing = this.#found.get(selector.text);
    if (standing !== undefined) return standing;
    const cost = isIndexed(selector) ? 1 : scan;
    this.#budget.tick(cost);
    if (!this.#budget.spend(cost)) return undefined;
    const found = this.#namespaces.matching(selector);
    this.#found.set(selector.text, found);
    return found;
  }
}

/** Whether it asks for a label with one of some values. */
function isIndexed({ constraints }: Selector): boolean {
  for (const { absent, complement } of constraints.values()) if (!absent && !complement) return true;
  return false;
}
