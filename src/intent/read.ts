import { readStrict, type Reading } from "../document/strict-yaml.ts";
import type { Intent } from "./keys.ts";
import { intentSchema } from "./schema.ts";

/** Where a namespace declares its intent. */
export const intentAnnotation = "ringfence.dev/network-policies";

/**
 * Characters that an intent may have, far more than people write: it is read at every request that concerns the namespace,
 * and YAML can be written so that it is slow to read.
 */
export const longestIntent = 16_384;

/** The intent of an annotation's text, or what is wrong with it, by line and column inside the text. Never throws. */
export function readIntent(text: string): Reading<Intent> {
  if (text.length > longestIntent) {
    const says = `the intent has ${text.length} characters; it may have ${longestIntent}`;
    return { flaws: [{ line: 1, column: 1, text: says }] };
  }
  const names = { whole: "the intent", content: "keys such as denyAll: true" };
  // By aliases a short text says very much.
  return readStrict(text, intentSchema, names, { aliases: false });
}

/**
 * By which an operator confirms that pods may be cut off on which the cluster itself relies: the names of what is confirmed,
 * with commas between them. A Service that is called later is not among them.
 */
export const confirmIsolationAnnotation = "ringfence.dev/confirm-isolation";
