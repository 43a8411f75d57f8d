import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rulePage } from "../../src/cli/rule-pages.ts";

describe("the page of a rule", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ringfence-pages-"));
    mkdirSync(join(directory, "docs/rules"), { recursive: true });
    writeFileSync(join(directory, "docs/rules/a.md"), "# A\n");
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it.each(["ringfence.js", "src/cli/rule-pages.ts"])("is found from %s", (file) => {
    expect(rulePage("a", pathToFileURL(join(directory, file)).href)).toBe("# A\n");
  });

  it("is asked for where it is not", () => {
    const alone = pathToFileURL(join(directory, "ringfence.js")).href;
    expect(() => rulePage("b", alone)).toThrow(`no docs/rules beside ${directory}/ringfence.js or above it`);
  });
});
