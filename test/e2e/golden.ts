import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect } from "vitest";

/** What differs from run to run, with the word that stands for it in a golden file. */
export type Replacements = Readonly<Record<string, string>>;

const root = join(import.meta.dirname, "../..");

/** Puts each replacement's word in place of its text, and fixed words in place of ports and uids. */
function normalise(text: string, replacements: Replacements = {}): string {
  const named = Object.entries(replacements)
    // Longer texts first: one may be part of another.
    .sort(([a], [b]) => b.length - a.length)
    .reduce((result, [actual, word]) => result.replaceAll(actual, word), text);
  return named
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, "UID");
}

/**
 * Holds `text` against the golden file `name` in test/e2e/golden, e.g. `g1/denied.txt`. `replacements` maps what
 * differs from run to run, such as a namespace's name, to a word. With UPDATE_GOLDEN=1 the file is written instead:
 * read the difference before committing it.
 */
export async function expectGolden(
  text: string,
  name: string,
  replacements: Replacements = {},
): Promise<void> {
  const file = join(import.meta.dirname, "golden", name);
  const actual = normalise(text, replacements);
  if (process.env.UPDATE_GOLDEN === "1") {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, actual);
    return;
  }
  const expected = await readFile(file, "utf8").catch(() => undefined);
  const hint = `${relative(root, file)} (UPDATE_GOLDEN=1 npm run test:e2e writes it)`;
  expect(actual, hint).toBe(expected ?? "<no golden file yet>");
}
