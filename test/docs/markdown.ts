import { readdirSync, readFileSync } from "node:fs";

export const repository = new URL("../../", import.meta.url);

/** The Markdown pages of the repository, relative to its root. */
export function markdownPages(): readonly string[] {
  const inDocs = readdirSync(new URL("docs/", repository), { recursive: true, encoding: "utf8" });
  return [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...inDocs.filter((path) => path.endsWith(".md")).map((path) => `docs/${path}`),
  ].sort();
}

export function readPage(path: string): string {
  return readFileSync(new URL(path, repository), "utf8");
}

export interface Block {
  readonly language: string;
  readonly text: string;
  /** The nearest heading above, `##`. */
  readonly chapter: string;
  /** The HTML comment just above, without its marks. */
  readonly comment: string | undefined;
}

/** The fenced blocks of a page; indented ones lose their indentation. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let chapter = "";
  let comment: string | undefined;
  let open: { language: string; indent: number; lines: string[] } | undefined;
  for (const line of page.split("\n")) {
    const [, indent, language] = /^( *)```(\w*)$/.exec(line) ?? [];
    if (open !== undefined) {
      if (language === "") {
        blocks.push({ language: open.language, text: `${open.lines.join("\n")}\n`, chapter, comment });
        open = undefined;
        comment = undefined;
      } else open.lines.push(line.slice(open.indent));
    } else if (language !== undefined) open = { language, indent: indent?.length ?? 0, lines: [] };
    else if (line.startsWith("## ")) chapter = line.slice(3);
    else if (line.startsWith("<!--")) comment = /^<!-- (.*) -->$/.exec(line)?.[1];
    else if (line !== "") comment = undefined;
  }
  return blocks;
}

/** The headings below which nothing stands until the next one of their level or above; comments are nothing. */
export function emptySections(page: string): readonly string[] {
  const empty: string[] = [];
  let heading: string | undefined;
  let fenced = false;
  const close = (level: number): void => {
    if (heading !== undefined && level <= levelOf(heading)) empty.push(heading);
  };
  for (const line of page.split("\n")) {
    if (line.trimStart().startsWith("```")) fenced = !fenced;
    const level = fenced ? 0 : levelOf(line);
    if (level > 0) {
      close(level);
      heading = line;
    } else if (line !== "" && !/^<!-- .* -->$/.test(line)) heading = undefined;
  }
  close(0);
  return empty;
}

/** Of a heading how deep it is, 1 to 6; 0 of any other line. */
function levelOf(line: string): number {
  return /^(#{1,6}) /.exec(line)?.[1]?.length ?? 0;
}
