import { createHash } from "node:crypto";
import { compareText } from "../network/labels.ts";
import type { PodLabels } from "./scalars.ts";

/** Characters of the readable part: a policy's name has room for three of them and more. */
const longest = 40;

/** A short name for labels: their values, to be read by people, and a digest of all of them, which tells them apart. */
export function nameOfLabels(labels: PodLabels): string {
  const pairs = pairsOf(labels);
  return `${readable(pairs.map(([, value]) => value).join("-"))}-${digest(JSON.stringify(pairs))}`;
}

/** The labels in one order, however they are written. */
export function pairsOf(labels: PodLabels): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => compareText(a, b));
}

/** Six hexadecimal digits that depend on every character. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}

/** Lower-case letters, digits and single `-`; `pods` where nothing is left of the text. */
export function readable(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, longest)
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "pods" : plain;
}
