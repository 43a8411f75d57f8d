import type { NamespaceDirectory, NamespaceFacts } from "../model/cluster-view.ts";
import { matches, namespaceNameLabel, type Selector } from "../network/selector.ts";

/** Namespaces by name and by each label, so that a selector's pair or `In` is answered without a walk over all. */
export class NamespaceIndex implements NamespaceDirectory {
  readonly #byName = new Map<string, NamespaceFacts>();
  /** Key, then value. Most values of most keys are borne by one namespace, which then stands without a Set. */
  readonly #byLabel = new Map<string, Map<string, NamespaceFacts | Set<NamespaceFacts>>>();

  get(name: string): NamespaceFacts | undefined {
    return this.#byName.get(name);
  }

  matching(selector: Selector): readonly NamespaceFacts[] {
    const found: NamespaceFacts[] = [];
    for (const facts of this.#candidates(selector)) {
      if (matches(selector, facts.labels)) found.push(facts);
    }
    return found;
  }

  /** Takes what `Kind.changed` tells. */
  replace(before: NamespaceFacts | undefined, after: NamespaceFacts | undefined): void {
    if (before !== undefined) {
      this.#byName.delete(before.name);
      for (const [key, value] of before.labels) this.#unlist(key, value, before);
    }
    if (after !== undefined) {
      this.#byName.set(after.name, after);
      for (const [key, value] of after.labels) this.#list(key, value, after);
    }
  }

  /** The fewest namespaces among which the selector's must be. */
  #candidates(selector: Selector): Iterable<NamespaceFacts> {
    let best: readonly NamespaceFacts[] | undefined;
    for (const [key, { absent, complement, values }] of selector.constraints) {
      if (absent || complement) continue;
      const found = values.flatMap((value) => this.#bearing(key, value));
      if (best === undefined || found.length < best.length) best = found;
    }
    return best ?? this.#byName.values();
  }

  #bearing(key: string, value: string): readonly NamespaceFacts[] {
    const facts = key === namespaceNameLabel ? this.#byName.get(value) : this.#byLabel.get(key)?.get(value);
    if (facts === undefined) return [];
    return facts instanceof Set ? [...facts] : [facts];
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
