/** Which stored policies break rules by themselves. Most break none: only those that do are kept. */
export class BrokenRules {
  /** By namespace and name. */
  readonly #policies = new Map<string, Map<string, readonly string[]>>();

  /** What a policy breaks from now on; none where it is gone. */
  note(namespace: string, name: string, rules: readonly string[]): void {
    const noted = this.#policies.get(namespace);
    if (rules.length === 0) {
      noted?.delete(name);
      if (noted?.size === 0) this.#policies.delete(namespace);
    } else if (noted === undefined) this.#policies.set(namespace, new Map([[name, rules]]));
    else noted.set(name, rules);
  }

  /** By rule, the names of the namespace's policies that break it, in order. */
  in(namespace: string): ReadonlyMap<string, readonly string[]> {
    const policies = new Map<string, string[]>();
    for (const [name, rules] of this.#policies.get(namespace) ?? []) {
      for (const rule of rules) policies.set(rule, [...(policies.get(rule) ?? []), name].sort());
    }
    return policies;
  }
}
