import type { LabelSelector } from "../wire/meta.ts";
import { among, missing, notAmong, present } from "./constraint.ts";
import type { Constraint } from "./constraint.ts";

/** Each requirement of the wire selector, `undefined` for one that cannot be read. */
export function* requirements(
  selector: LabelSelector | null | undefined,
): Generator<readonly [string, Constraint] | undefined> {
  if (selector === undefined || selector === null) return;
  const labels: [string, unknown][] = Object.entries(selector.matchLabels ?? {});
  for (const [key, value] of labels) {
    yield typeof value === "string" ? [key, among([value])] : undefined;
  }
  const expressions: unknown = selector.matchExpressions ?? [];
  if (!Array.isArray(expressions)) {
    yield undefined;
    return;
  }
  for (const expression of expressions as readonly unknown[]) yield requirement(expression);
}

function requirement(expression: unknown): readonly [string, Constraint] | undefined {
  if (typeof expression !== "object" || expression === null) return undefined;
  const {
    key,
    operator,
    values: given,
  }: { key?: unknown; operator?: unknown; values?: unknown } = expression;
  const values: readonly unknown[] | undefined = Array.isArray(given)
    ? given
    : given == null
      ? []
      : undefined;
  if (typeof key !== "string" || !values?.every((value) => typeof value === "string")) return undefined;
  switch (operator) {
    case "In":
      return values.length > 0 ? [key, among(values)] : undefined;
    case "NotIn":
      return values.length > 0 ? [key, notAmong(values)] : undefined;
    case "Exists":
      return values.length === 0 ? [key, present] : undefined;
    case "DoesNotExist":
      return values.length === 0 ? [key, missing] : undefined;
    default:
      return undefined;
  }
}
