/** Nanoseconds would be exact; milliseconds are what timers take. */
const unitMilliseconds: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

// The first unit that fits is taken: "ms" stands before "m".
const amount = String.raw`\d+\.?\d*|\.\d+`;
const units = [...unitMilliseconds.keys()].join("|");
const wholeText = new RegExp(`^\\+?(?:(?:${amount})(?:${units}))+$`);
const onePart = new RegExp(`(${amount})(${units})`, "g");

/**
 * Reads a duration as Go's time.Duration prints it ("3s", "1m0s", "500ms", "1h2m3.5s") into milliseconds. Undefined
 * where the text is none, or is zero or negative: no deadline could be kept.
 */
export function parseGoDuration(text: string): number | undefined {
  if (text.length > 64 || !wholeText.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(onePart)) {
    total += Number(number) * (unitMilliseconds.get(unit ?? "") ?? 0);
  }
  return total > 0 && Number.isFinite(total) ? total : undefined;
}
