import type { Random } from "../../fuzz/random.ts";
import { shuffled } from "../../mutants/orders.ts";

/** The value with every list and every object's keys in another order. */
export function turned<T>(value: T, random: Random): T {
  if (Array.isArray(value)) return shuffled(value, random).map((item: unknown) => turned(item, random)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, inner]: [string, unknown]) => [key, turned(inner, random)] as const,
  );
  return Object.fromEntries(shuffled(entries, random)) as T;
}
