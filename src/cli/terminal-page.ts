// A page of docs/rules as a terminal shows it. Not all of Markdown: what these pages use.

/** Letters of a line, as far as words let it be so few. */
const width = 100;

/** Renders a page whose links are relative to docs/rules. */
export function terminalPage(markdown: string): string {
  return `${blocksOf(markdown).map(renderBlock).join("\n\n")}\n`;
}

interface Block {
  readonly kind: "heading" | "code" | "table" | "list" | "text";
  readonly lines: readonly string[];
}

/** Blocks stand apart by empty lines; code may hold such. Comments are for those who write the page. */
function blocksOf(markdown: string): readonly Block[] {
  const blocks: { kind: Block["kind"]; lines: string[] }[] = [];
  let open: { kind: Block["kind"]; lines: string[] } | undefined;
  for (const line of markdown.split("\n")) {
    if (open?.kind === "code") {
      if (line.startsWith("```")) open = undefined;
      else open.lines.push(line);
      continue;
    }
    if (line === "" || line.startsWith("<!--")) {
      open = undefined;
      continue;
    }
    const kind = kindOf(line);
    // Text goes on with what stands before it; all else begins a block of its own.
    if (open === undefined || (kind !== "text" && kind !== open.kind))
      blocks.push((open = { kind, lines: [] }));
    if (kind !== "code") open.lines.push(line);
    if (kind === "heading") open = undefined;
  }
  return blocks;
}

function kindOf(line: string): Block["kind"] {
  if (line.startsWith("```")) return "code";
  if (line.startsWith("#")) return "heading";
  if (line.startsWith("|")) return "table";
  return line.startsWith("- ") ? "list" : "text";
}

function renderBlock({ kind, lines }: Block): string {
  switch (kind) {
    case "heading": {
      const text = inline(lines.join(" "));
      return text.startsWith("# ") ? text.slice(2) : text.replace(/^#+ /, "").toUpperCase();
    }
    case "code":
      return lines.map((line) => (line === "" ? "" : `    ${line}`)).join("\n");
    case "table":
      return renderTable(lines);
    case "list":
      return itemsOf(lines)
        .map((item) => wrap(inline(item), width - 2).replaceAll("\n", "\n  "))
        .join("\n");
    case "text":
      return wrap(inline(lines.join(" ")), width);
  }
}

/** Items begin with a dash; other lines go on with the one before. */
function itemsOf(lines: readonly string[]): readonly string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (line.startsWith("- ") || items.length === 0) items.push(line);
    else items[items.length - 1] = `${items.at(-1) ?? ""} ${line.trim()}`;
  }
  return items;
}

/** A table of one row becomes a line for each of its columns. */
function renderTable(lines: readonly string[]): string {
  const [head = [], , ...rows] = lines.map(cellsOf);
  const [only] = rows;
  if (rows.length === 1 && only !== undefined)
    return columns(head.map((name, index) => [name, only[index] ?? ""]));
  return columns([head, ...rows]);
}

function cellsOf(line: string): readonly string[] {
  return line
    .replace(/^\|/, "")
    .replace(/\|\s*$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => inline(cell.trim()));
}

/** Lines whose cells stand below each other; the last cell is as long as it is. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length - 1));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

/** Inline code, a link, an address, what is set off, an escaped character: whichever begins first. */
const marks =
  /`([^`]+)`|\[([^\]]*)\]\(([^)\s]+)\)|<(https?:[^>\s]+)>|(\*{1,2})([^*\s](?:[^*]*[^*\s])?)\5|\\([|<])/g;

/** Text without the marks of Markdown; where a link leads is said behind it. */
function inline(text: string): string {
  return text.replaceAll(marks, (...found: (string | undefined)[]) => {
    const [, code, words, target, address, , setOff, escaped] = found;
    if (target !== undefined) return `${inline(words ?? "")} (${placeOf(target)})`;
    return setOff === undefined ? (code ?? address ?? escaped ?? "") : inline(setOff);
  });
}

function placeOf(target: string): string {
  if (/^[a-z]+:/.test(target)) return target;
  const { pathname, hash } = new URL(target, "file:///docs/rules/");
  return `${pathname.slice(1)}${hash}`;
}

/** Broken at spaces into lines of at most so many characters, as far as words let it. */
function wrap(text: string, most: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    // The dash of an item never stands alone.
    if (last === undefined || (last !== "-" && last.length + 1 + word.length > most)) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}
