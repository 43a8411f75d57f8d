import { existsSync, readFileSync } from "node:fs";
import { RingfenceError } from "../errors.ts";

/**
 * The page of a rule, docs/rules/<id>.md, as Markdown. The pages stand in the checkout above this file; in the image,
 * which holds one bundled file, beside that.
 * @throws RingfenceError RF_ERR_USAGE where the program was copied without its pages.
 */
export function rulePage(id: string, from = import.meta.url): string {
  const beside = directoriesAbove(from).map((directory) => new URL(`docs/rules/${id}.md`, directory));
  const page = beside.find((url) => existsSync(url));
  if (page !== undefined) return readFileSync(page, "utf8");
  throw new RingfenceError(
    "RF_ERR_USAGE",
    `the pages of the rules are not here: no docs/rules beside ${new URL(from).pathname} or above it\nCopy docs/rules to there, or use --format json, which needs no page.`,
  );
}

function directoriesAbove(file: string): readonly URL[] {
  const directories = [new URL(".", file)];
  for (let up = new URL("..", file); up.href !== directories.at(-1)?.href; up = new URL("..", up)) {
    directories.push(up);
  }
  return directories;
}
