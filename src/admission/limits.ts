/**
 * What kube-apiserver makes of texts in a response, and how ours are kept within it. Warnings: a control character
 * drops the warning without a word, above 4096 runes in all each is cut to 256 (apiserver
 * endpoints/filters/warning.go, apimachinery util/net NewWarningHeader). Audit annotations: a key that is no
 * qualified name without prefix is dropped (apiserver admission/attributes.go).
 */
const warningRunes = 256;
const warningsRunes = 4_000;
const annotationRunes = 2_048;
const annotationKeyLength = 63;
const messageLength = 16_384;
/** Room for the line that says how many were left out. */
const countRunes = 40;

const controls = /\p{Cc}+/gu;

/** Runes (code points), as the API server counts. */
function runes(text: string): number {
  let count = 0;
  for (const rune of text) if (rune !== "") count++;
  return count;
}

function cutRunes(text: string, limit: number): string {
  if (text.length <= limit || runes(text) <= limit) return text;
  return `${Array.from(text)
    .slice(0, limit - 1)
    .join("")}…`;
}

/** One line of valid text: runs of control characters become a space, lone surrogates U+FFFD. */
function oneLine(text: string): string {
  return text.toWellFormed().replace(controls, " ").trim();
}

/** The warnings as the API server will pass them on: each once, on one line, cut; the count of those left out last. */
export function boundedWarnings(warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  const lines = [...new Set(warnings.map((text) => cutRunes(oneLine(text), warningRunes)))].filter(
    (text) => text !== "",
  );
  const total = lines.reduce((sum, line) => sum + runes(line), 0);
  if (total <= warningsRunes) return lines;
  const kept: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += runes(line);
    if (used > warningsRunes - countRunes) break;
    kept.push(line);
  }
  return [...kept, `… and ${lines.length - kept.length} more warnings`];
}

/** Keys of [A-Za-z0-9._-], beginning and ending with a letter or digit, at most 63; values bounded. */
export function boundedAnnotations(annotations: Readonly<Record<string, string>>): Record<string, string> {
  // No name is that of something that every object has: `constructor` is not, and `__proto__` would lose its underscores.
  const bounded: Record<string, string> = {};
  for (const key in annotations) {
    if (!Object.hasOwn(annotations, key)) continue;
    const name = annotationKey(key);
    if (name !== "" && !Object.hasOwn(bounded, name))
      bounded[name] = cutRunes((annotations[key] ?? "").toWellFormed(), annotationRunes);
  }
  return bounded;
}

/** What a key may be; all that are not made from an object's own text are. */
const wellFormedKey = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

function annotationKey(key: string): string {
  if (wellFormedKey.test(key)) return key;
  return key
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, annotationKeyLength)
    .replace(/[^A-Za-z0-9]+$/, "");
}

/** A denial's text, cut between two findings (lines that begin with "- ") with the count of those left out. */
export function boundedMessage(message: string): string {
  const text = message.toWellFormed();
  if (text.length <= messageLength) return text;
  const head = text.slice(0, messageLength);
  const cut = head.lastIndexOf("\n- ");
  if (cut <= 0) return `${head.toWellFormed()}… (${text.length - messageLength} characters left out)`;
  const left = text.slice(cut).split("\n- ").length - 1;
  return `${text.slice(0, cut)}\n… and ${left} more findings`;
}
