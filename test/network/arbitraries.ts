import fc from "fast-check";
import { compileSelector, nothing } from "#src/network/selector.ts";
import type { Selector } from "#src/network/selector.ts";
import type { LabelSelector, LabelSelectorRequirement } from "#src/wire/meta.ts";

/** Keys of the small universe; two of them are names that every object has. */
const keys = ["app", "constructor", "__proto__"] as const;
/** Values that selectors of the small universe name; objects may also have one that none names. */
const values = ["a", "b", ""] as const;
const unnamed = "other";

/** Every state of every key: absent, each named value, a value that no selector names. */
export function allLabelSets(): readonly ReadonlyMap<string, string>[] {
  let sets: ReadonlyMap<string, string>[] = [new Map()];
  for (const key of keys) {
    sets = sets.flatMap((set) => [
      set,
      ...[...values, unnamed].map((value) => new Map([...set, [key, value]])),
    ]);
  }
  return sets;
}

const key = fc.constantFrom(...keys);
const someValues = fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

const requirement: fc.Arbitrary<LabelSelectorRequirement> = fc.oneof(
  fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: someValues }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);

/** A selector as sent, over the small universe. */
export const wireSelector: fc.Arbitrary<LabelSelector> = fc
  .record({
    labels: fc.array(fc.tuple(key, fc.constantFrom(...values)), { maxLength: 2 }),
    matchExpressions: fc.array(requirement, { maxLength: 3 }),
  })
  .map(({ labels, matchExpressions }) => ({
    // fromEntries makes an own property of "__proto__", as JSON.parse does.
    matchLabels: Object.fromEntries(labels),
    matchExpressions,
  }));

/** Compiled, in the domain of pods. */
export const podSelector: fc.Arbitrary<Selector> = wireSelector.map(
  (wire) => compileSelector(wire, "pods") ?? nothing("pods"),
);

/** One of the label sets of the small universe. */
export const labels = fc.constantFrom(...allLabelSets());
