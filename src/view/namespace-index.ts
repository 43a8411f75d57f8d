import type { NamespaceDirectory, NamespaceFacts } from "../model/cluster-view.ts";
import { matches, namespaceNameLabel, type Selector } from "../network/selector.ts";

/** Namespaces by name and by each label, so that a selector's pair or `In` is answered without a walk over all. */
export class NamespaceIndex implements NamespaceDirectory {
  readonly #byName = new Map<string, NamespaceFacts>();
  /** Key, then value. Most values of most keys are borne by one namespace, which then stands without a Set. */
  readonly #byLabel = new Map<string, Map<string, NamespaceFacts | Set<NamespaceFacts>>>();
  /** What was asked for last: a request has each part of the view ask for its namespace. */
  #last: NamespaceFacts | undefined;

  get(name: string): NamespaceFacts | undefined {
    if (this.#last?.name !== name) this.#last = this.#byName.get(name);
    return this.#last;
  }

  matching(selector: Selector): readonly NamespaceFacts[] {
    const found: NamespaceFacts[] = [];
    for (const candidates of this.#candidates(selector)) {
      for (const facts of candidates) if (matches(selector, facts.labels)) found.push(facts);
    }
    return found;
  }

  /** Takes what `Kind.changed` tells. */
  replace(before: NamespaceFacts | undefined, after: NamespaceFacts | undefined): void {
    this.#last = undefined;
    if (before !== undefined) {
      this.#byName.delete(before.name);
      for (const [key, value] of before.labels) this.#unlist(key, value, before);
    }
    if (after !== undefined) {
      this.#byName.set(after.name, after);
      for (const [key, value] of after.labels) this.#list(key, value, after);
    }
  }

  /** The fewest namespaces among which the selector's must be; they are counted before any is taken in hand. */
  #candidates(selector: Selector): readonly Iterable<NamespaceFacts>[] {
    let best: { readonly key: string; readonly values: readonly string[] } | undefined;
    let fewest = Infinity;
    for (const [key, { absent, complement, values }] of selector.constraints) {
      if (absent || complement) continue;
      let count = 0;
      for (const value of values) count += sizeOf(this.#bearing(key, value));
      if (count >= fewest) continue;
      best = { key, values };
      fewest = count;
    }
    if (best === undefined) return [this.#byName.values()];
    const { key, values } = best;
    return values.map((value) => iterable(this.#bearing(key, value)));
  }

  #bearing(key: string, value: string): Bearing {
    return key === namespaceNameLabel ? this.#byName.get(value) : this.#byLabel.get(key)?.get(value);
  }

  #list(key: string, value: string, facts: NamespaceFacts): void {
    if (key === namespaceNameLabel) return;
    const values = this.#byLabel.get(key) ?? new Map<string, NamespaceFacts | Set<NamespaceFacts>>();
    this.#byLabel.set(key, values);
    const standing = values.get(value);
    if (standing === undefined) values.set(value, facts);
    else if (standing instanceof Set) standing.add(facts);
    else values.set(value, new Set([standing, facts]));
  }

  #unlist(key: string, value: string, facts: NamespaceFacts): void {
    const values = this.#byLabel.get(key);
    const standing = values?.get(value);
    if (standing instanceof Set) standing.delete(facts);
    if (standing === facts || (standing instanceof Set && standing.size === 0)) values?.delete(value);
    if (values?.size === 0) this.#byLabel.delete(key);
  }
}

type Bearing = NamespaceFacts | Set<NamespaceFacts> | undefined;

function sizeOf(bearing: Bearing): number {
  if (bearing === undefined) return 0;
  return bearing instanceof Set ? bearing.size : 1;
}

function iterable(bearing: Bearing): Iterable<NamespaceFacts> {
  if (bearing === undefined) return [];
  return bearing instanceof Set ? bearing : [bearing];
}
