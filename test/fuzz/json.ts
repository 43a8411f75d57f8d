import type { Random } from "./random.ts";

/** Any JSON value; `Deep` and `Huge` stand for what JSON.stringify cannot write. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const deepMark = "\u0001deep ";
const hugeMark = "\u0001huge";

/** The text of the value. */
export function jsonText(value: Json): string {
  const text = JSON.stringify(value);
  if (!text.includes("\\u0001")) return text;
  return text
    .replaceAll(/"\\u0001deep ([0-9]+)"/g, (_, depth: string) => nested(Number(depth)))
    .replaceAll('"\\u0001huge"', "1e400");
}

function nested(depth: number): string {
  const half = Math.floor(depth / 2);
  return `${"[".repeat(half)}${'{"a":'.repeat(half)}1${"}".repeat(half)}${"]".repeat(half)}`;
}

/** An object with these own properties, `__proto__` among them, as JSON.parse would make it. */
export function objectOf(entries: Iterable<readonly [string, Json]>): Record<string, Json> {
  return Object.fromEntries(entries);
}

export const oddStrings = [
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "\ud800",
  "\udfff\ud800x",
  "\u0000",
  "\u001b[31m",
  "\u202eweb",
  "\ufeff",
  "\n- forged: line",
  "{{pods}}",
  "a,b in (c)",
  '"',
  "ﷺ".repeat(20),
  "👩‍👩‍👧‍👦",
  "x".repeat(300),
  "-".repeat(64),
  "0x35",
  "1e400",
  "NaN",
] as const;

const oddNumbers = [
  0,
  -0,
  -1,
  1.5,
  53.000001,
  65_535,
  65_536,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
] as const;

/** Something that does not belong there. */
export function junk(random: Random): Json {
  switch (random.below(9)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(oddNumbers);
    case 3:
      return hugeMark;
    case 4:
    case 5:
      return random.pick(oddStrings);
    case 6:
      return random.pick([[], [[]], [null], [[], {}], [{}], Array.from({ length: 300 }, () => 0)]);
    case 7:
      return random.pick([
        {},
        { a: {} },
        objectOf([["__proto__", { polluted: true }]]),
        { length: 3, 0: "a" },
      ]);
    default:
      return `${deepMark}${random.pick([4, 60, 2_000, 40_000])}`;
  }
}
