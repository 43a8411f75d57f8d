import type { NamespacePeers, NamespaceSelection } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import type { LabelSet } from "../network/labels.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { matches, namespaceNameLabel, type Selector } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";

interface Selection extends NamespaceSelection {
  readonly policies: Map<string, number>;
}

/**
 * By which labels the peers of all policies select namespaces: each selector once, under a label that it demands. Most
 * peers name their namespace; they are not kept.
 */
export class NamespacePeerIndex implements NamespacePeers {
  readonly #selections = new Map<string, Selection>();
  readonly #byLabel = new Map<string, Set<Selection>>();

  matching(labels: LabelSet, budget: Budget): readonly NamespaceSelection[] {
    const found: NamespaceSelection[] = [];
    const gather = (place: string): void => {
      const selections = this.#byLabel.get(place);
      if (selections === undefined) return;
      budget.tick(selections.size);
      for (const selection of selections) if (matches(selection.selector, labels)) found.push(selection);
    };
    for (const [key, value] of labels) {
      gather(pair(key, value));
      gather(key);
    }
    return found;
  }

  /** Takes what `Kind.changed` tells. */
  replace(namespace: string, before: CompiledPolicy | undefined, after: CompiledPolicy | undefined): void {
    for (const direction of directions) {
      for (const selector of selectorsIn(after, direction)) this.#add(selector, direction, namespace);
      for (const selector of selectorsIn(before, direction)) this.#remove(selector, direction, namespace);
    }
  }

  #add(selector: Selector, direction: Direction, namespace: string): void {
    const key = `${direction} ${selector.text}`;
    let selection = this.#selections.get(key);
    if (selection === undefined) {
      selection = { selector, direction, policies: new Map() };
      this.#selections.set(key, selection);
      for (const place of placesOf(selector)) {
        const there = this.#byLabel.get(place);
        if (there === undefined) this.#byLabel.set(place, new Set([selection]));
        else there.add(selection);
      }
    }
    selection.policies.set(namespace, (selection.policies.get(namespace) ?? 0) + 1);
  }

  #remove(selector: Selector, direction: Direction, namespace: string): void {
    const key = `${direction} ${selector.text}`;
    const selection = this.#selections.get(key);
    if (selection === undefined) return;
    const left = (selection.policies.get(namespace) ?? 0) - 1;
    if (left > 0) selection.policies.set(namespace, left);
    else selection.policies.delete(namespace);
    if (selection.policies.size > 0) return;
    this.#selections.delete(key);
    for (const place of placesOf(selector)) {
      const there = this.#byLabel.get(place);
      there?.delete(selection);
      if (there?.size === 0) this.#byLabel.delete(place);
    }
  }
}

const none: readonly Selector[] = [];

/** The selectors of the policy's peers that demand a label, each once. */
function selectorsIn(policy: CompiledPolicy | undefined, direction: Direction): Iterable<Selector> {
  if (policy === undefined || policy[direction].length === 0) return none;
  const found = new Map<string, Selector>();
  for (const { peers } of policy[direction]) {
    if (peers === "any") continue;
    for (const peer of peers) {
      if (peer.kind === "ipBlock" || peer.namespaces === "own") continue;
      if (placesOf(peer.namespaces).length > 0) found.set(peer.namespaces.text, peer.namespaces);
    }
  }
  return found.values();
}

/** A label that the selector demands, with each of its values; the key alone where any value will do. */
function placesOf({ constraints }: Selector): readonly string[] {
  for (const [key, { absent, complement, values }] of constraints) {
    if (absent || key === namespaceNameLabel) continue;
    return complement ? [key] : values.map((value) => pair(key, value));
  }
  return [];
}

/** No label key holds a `=`; `matches` has the last word anyway. */
function pair(key: string, value: string): string {
  return `${key}=${value}`;
}
