import { describe, expect, it } from "vitest";
import { emptySections, markdownPages, readPage } from "./markdown.ts";

describe.each(markdownPages())("%s", (path) => {
  it("has something below each heading", () => {
    expect(emptySections(readPage(path))).toEqual([]);
  });
});

describe("a section", () => {
  it("is empty where nothing but a comment stands below its heading", () => {
    const page = "# Page\n\n## Denied\n\n<!-- later -->\n\n## Denied\n\nText.\n\n### Deeper\n\n## Last\n";
    expect(emptySections(page)).toEqual(["## Denied", "### Deeper", "## Last"]);
  });

  it("may begin with a deeper one, and with code that has a # in it", () => {
    const page = "# Page\n\n## Denied\n\n### By kubectl\n\n```yaml\n# One.\n```\n\n## Allowed\n\nText.\n";
    expect(emptySections(page)).toEqual([]);
  });
});
