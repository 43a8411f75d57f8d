import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf, markdownPages, readPage, repository } from "./markdown.ts";

/** As GitHub makes them: lower case, without what is no letter, digit, space, - or _; spaces become dashes. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function anchorsOf(page: string): ReadonlySet<string> {
  return new Set([...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading)));
}

/** Link targets outside of code. */
function linksOf(page: string): readonly string[] {
  const prose = blocksOf(page).reduce((text, block) => text.replace(block.text, ""), page);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

describe.each(markdownPages())("%s", (path) => {
  const links = linksOf(readPage(path)).filter((target) => !/^[a-z]+:/.test(target));

  it("leads only to what is there", () => {
    for (const target of links) {
      const url = new URL(target, new URL(path, repository));
      const anchor = decodeURIComponent(url.hash.slice(1));
      url.hash = "";
      expect(existsSync(url), target).toBe(true);
      if (anchor !== "")
        expect(anchorsOf(readPage(url.href.slice(repository.href.length))), target).toContain(anchor);
    }
  });
});
