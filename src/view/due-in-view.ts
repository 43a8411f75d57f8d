import type { ClusterView, NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions } from "../model/companions.ts";
import type { Settings } from "../model/settings.ts";
import { workBudget } from "../network/budget.ts";
import type { PolicySet } from "../network/policy-set.ts";
import { CompanionCache } from "./companion-cache.ts";
import { holdingBack, nothingDue } from "./due-companions.ts";
import { heldBack, type HoldingView } from "./held-back.ts";

export interface DueInViewOptions {
  readonly view: HoldingView & Pick<ClusterView, "policies">;
  /** The namespace as it is stored. */
  readonly stored: (namespace: string) => NamespaceFacts | undefined;
  /** Undefined: nothing is due. */
  readonly settings: () => Settings | undefined;
}

/** Steps of selector algebra that the question about one namespace's companions may take. */
const holdingWork = 10_000;

/** Which companions are due by what the view knows. */
export class DueInView {
  readonly #options: DueInViewOptions;
  readonly #cache = new CompanionCache();

  constructor(options: DueInViewOptions) {
    this.#options = options;
  }

  /** In a namespace that is stored; nothing in one that is not. */
  in(namespace: string): DueCompanions {
    const facts = this.#options.stored(namespace);
    return facts === undefined ? nothingDue : this.for(facts);
  }

  /** In a namespace as it is or would be, beside these policies; beside those that are stored where they are left out. */
  for(facts: NamespaceFacts, policies?: PolicySet): DueCompanions {
    const { view, stored, settings: read } = this.#options;
    const settings = read();
    if (settings === undefined) return nothingDue;
    const sources = { settings, dns: view.dns, apiServer: view.apiServer };
    const { name } = facts;
    const asStored = policies === undefined || settings.companions.dns !== "onDemand";
    const due =
      asStored && stored(name) === facts
        ? this.#cache.stored(facts, sources, () => view.policies(name))
        : this.#cache.of(facts, sources, () => policies ?? view.policies(name));
    return this.#held(facts, due, policies);
  }

  /** The namespace is gone. */
  forget(namespace: string): void {
    this.#cache.forget(namespace);
  }

  /** Without what would cut off pods on which the cluster depends. A namespace that is not there yet has none. */
  #held(facts: NamespaceFacts, due: DueCompanions, policies: PolicySet | undefined): DueCompanions {
    const { view, stored } = this.#options;
    if (due.pieces.length === 0 || stored(facts.name) === undefined) return due;
    const standing = policies ?? view.policies(facts.name);
    const holding = standing && heldBack(facts, due, standing, view, workBudget(holdingWork));
    return holding === undefined ? due : holdingBack(facts, due, holding);
  }
}
