import { compareText } from "../network/labels.ts";
import type { PodLabels } from "./scalars.ts";
import { nameOfLabels } from "./names.ts";

/** Items that concern the same pods of the namespace, to be rules of one policy. */
export interface OfPods<T> {
  readonly labels: PodLabels | undefined;
  /** The purpose, and, where not all pods are meant, which. */
  readonly purpose: string;
  readonly items: readonly T[];
}

/** Groups items by the pods that they concern; those of all pods come first, the others in the order of their names. */
export function byPods<T>(
  purpose: string,
  items: readonly T[],
  labelsOf: (item: T) => PodLabels | undefined,
): readonly OfPods<T>[] {
  const named = Map.groupBy(items, (item) => {
    const labels = labelsOf(item);
    return labels === undefined ? purpose : `${purpose}-${nameOfLabels(labels)}`;
  });
  return [...named]
    .flatMap(([name, [first, ...rest]]): OfPods<T>[] =>
      first === undefined ? [] : [{ labels: labelsOf(first), purpose: name, items: [first, ...rest] }],
    )
    .sort(
      (a, b) =>
        Number(a.labels !== undefined) - Number(b.labels !== undefined) || compareText(a.purpose, b.purpose),
    );
}
