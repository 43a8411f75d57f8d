/**
 * What a selector says of one label key: whether the key may be absent, and which values it may have where it is
 * present: exactly `values`, or (`complement`) every value but those. Values are unbounded, so that a complement is
 * never empty. Closed under intersection and complement, which is what makes the questions on selectors exact.
 */
export interface Constraint {
  readonly absent: boolean;
  readonly complement: boolean;
  /** Sorted by code unit, without repetition. */
  readonly values: readonly string[];
}

/** The key may be absent or have any value. */
export const anything: Constraint = { absent: true, complement: true, values: [] };
/** Exists. */
export const present: Constraint = { absent: false, complement: true, values: [] };
/** DoesNotExist. */
export const missing: Constraint = { absent: true, complement: false, values: [] };

/** In: one of the values. */
export function among(values: Iterable<string>): Constraint {
  return { absent: false, complement: false, values: sortedSet(values) };
}

/** The key is present and has this value. */
export function exactly(value: string): Constraint {
  return { absent: false, complement: false, values: [value] };
}

/** NotIn: another value, or the key is absent (Kubernetes, LabelSelectorRequirement). */
export function notAmong(values: Iterable<string>): Constraint {
  return { absent: true, complement: true, values: sortedSet(values) };
}

/** `undefined` stands for an absent key. */
export function allows(constraint: Constraint, value: string | undefined): boolean {
  if (value === undefined) return constraint.absent;
  return holds(constraint.values, value) !== constraint.complement;
}

/** By halves where they are many: a selector may name thousands, and is held against each pod. */
function holds(values: readonly string[], value: string): boolean {
  if (values.length <= 8) return values.includes(value);
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? "") < value) low = middle + 1;
    else high = middle;
  }
  return values[low] === value;
}

/** No object can satisfy it. */
export function isImpossible(constraint: Constraint): boolean {
  return !constraint.absent && !constraint.complement && constraint.values.length === 0;
}

/** It demands nothing. */
export function isAnything(constraint: Constraint): boolean {
  return constraint.absent && constraint.complement && constraint.values.length === 0;
}

/** Both at once. */
export function both(a: Constraint, b: Constraint): Constraint {
  const absent = a.absent && b.absent;
  if (a.complement && b.complement) {
    return { absent, complement: true, values: sortedSet([...a.values, ...b.values]) };
  }
  const [finite, other] = a.complement ? [b, a] : [a, b];
  const named = membership(other.values);
  return {
    absent,
    complement: false,
    values: finite.values.filter((value) => named(value) !== other.complement),
  };
}

/** All of them at once, in time that grows with their values together and not with the square of their number. */
export function allOf(constraints: readonly Constraint[]): Constraint {
  const [first = anything, second = anything] = constraints;
  if (constraints.length <= 2) return both(first, second);
  const open = constraints.filter(({ complement }) => complement);
  const finite = constraints.filter(({ complement }) => !complement);
  finite.sort((a, b) => a.values.length - b.values.length);
  const outside: Constraint = {
    absent: open.every(({ absent }) => absent),
    complement: true,
    values: sortedSet(open.flatMap(({ values }) => values)),
  };
  return finite.reduce(both, outside);
}

/** A set only where it pays: one megabyte of values must not cost their square. */
function membership(values: readonly string[]): (value: string) => boolean {
  if (values.length <= 8) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
}

/** Every state of the key that the constraint does not allow. */
export function opposite(constraint: Constraint): Constraint {
  return { absent: !constraint.absent, complement: !constraint.complement, values: constraint.values };
}

/** Whether every state of the key that `a` allows is allowed by `b`. */
export function within(a: Constraint, b: Constraint): boolean {
  return a === b || isImpossible(both(a, opposite(b)));
}

function sortedSet(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort();
}
