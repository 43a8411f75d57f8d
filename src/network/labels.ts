/** Labels of one object. A Map, so that keys such as `constructor` or `__proto__` are keys like any other. */
export type LabelSet = ReadonlyMap<string, string>;

/** The labels of a wire object: own keys only, in the order of their names; what is no string is left out. */
export function labelSet(record: Readonly<Record<string, string>> | null | undefined): LabelSet {
  const entries: [string, unknown][] = Object.entries(record ?? {});
  const labels = new Map<string, string>();
  for (const [key, value] of entries.sort(byKey)) {
    if (typeof value === "string") labels.set(key, value);
  }
  return labels;
}

/** Equal for equal content, different for different content, whatever characters the labels hold. */
export function labelSetKey(labels: LabelSet): string {
  return JSON.stringify([...labels].sort(byKey));
}

/** `app=web,tier=front`, in the order of the keys, for people. */
export function labelSetText(labels: LabelSet): string {
  return [...labels]
    .sort(byKey)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compareText(a[0], b[0]);
}

/** Order by code unit: the same on every machine, unlike localeCompare. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
