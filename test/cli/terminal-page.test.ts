import { describe, expect, it } from "vitest";
import { columns, terminalPage } from "../../src/cli/terminal-page.ts";

const shown = (...lines: readonly string[]): string => terminalPage(lines.join("\n"));

describe("a page in the terminal", () => {
  it("has its title as it is and its chapters in capitals", () => {
    expect(shown("# One rule", "", "## Good to know", "Text.")).toBe("One rule\n\nGOOD TO KNOW\n\nText.\n");
  });

  it("keeps code as it is, indented", () => {
    expect(shown("Before.", "", "```yaml", "a: `x`", "", "- **b**", "```", "", "After.")).toBe(
      "Before.\n\n    a: `x`\n\n    - **b**\n\nAfter.\n",
    );
  });

  it("joins the lines of a paragraph and breaks them anew", () => {
    const text = shown("word ".repeat(30).trim(), "word");
    expect(text.split("\n").map((line) => line.length)).toEqual([99, 54, 0]);
  });

  it("hangs the lines of an item below its text", () => {
    const [first, second, third] = shown(`- ${"word ".repeat(25).trim()}`, "  end", "- next").split("\n");
    expect(first).toMatch(/^- word .*word$/);
    expect(second).toMatch(/^ {2}word .*end$/);
    expect(third).toBe("- next");
  });

  it("begins a list without an empty line before it", () => {
    expect(shown("These:", "- one", "- two")).toBe("These:\n\n- one\n- two\n");
  });

  it("keeps an item of one long word on its line", () => {
    const url = `https://kubernetes.io/${"x".repeat(100)}`;
    expect(shown(`- <${url}>`)).toBe(`- ${url}\n`);
  });

  it("takes off marks, but not from code", () => {
    expect(shown("**Why.** `a` and *b*: `**` and `shop-*`, 2 * 3 * 4, \\<x")).toBe(
      "Why. a and b: ** and shop-*, 2 * 3 * 4, <x\n",
    );
  });

  it("says where links lead", () => {
    expect(shown("[a `b`](../tasks/x.md#y), [c](d.md) and [e](https://f.example/).")).toBe(
      "a b (docs/tasks/x.md#y), c (docs/rules/d.md) and e (https://f.example/).\n",
    );
  });

  it("shows a table of one row as a line for each column, others as they are", () => {
    expect(shown("| id | fix |", "| --- | --- |", "| `a` | b \\| c |")).toBe("id   a\nfix  b | c\n");
    expect(shown("| id | n |", "| --- | --- |", "| aaa | 1 |", "| b | 2 |")).toBe("id   n\naaa  1\nb    2\n");
  });

  it("leaves out comments", () => {
    expect(shown("One.", "", "<!-- not for readers -->", "", "Two.")).toBe("One.\n\nTwo.\n");
  });
});

describe("columns", () => {
  it("stand below each other, the last as long as it is", () => {
    expect(
      columns([
        ["a", "long", "x"],
        ["bbb", "c", "yy y"],
      ]),
    ).toBe("a    long  x\nbbb  c     yy y");
    expect(columns([])).toBe("");
  });
});
