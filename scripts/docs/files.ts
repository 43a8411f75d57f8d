import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Rule } from "../../src/model/rule.ts";
import { configurationJsonSchema, configurationPage } from "./configuration.ts";
import { ruleIndex, rulePage } from "./rules.ts";

export interface Page {
  /** Relative to the repository's root. */
  readonly path: string;
  /** What must stand there, given what stands there now. */
  readonly make: (standing: string | undefined) => string;
}

/** Every file that is generated, wholly or at its head. */
export function pages(rules: readonly Rule[]): readonly Page[] {
  return [
    { path: "docs/rules/README.md", make: () => ruleIndex(rules) },
    ...rules.map((rule) => ({
      path: `docs/rules/${rule.id}.md`,
      make: (standing: string | undefined) => rulePage(rule, standing),
    })),
    { path: "docs/reference/configuration.md", make: () => configurationPage(rules) },
    { path: "docs/reference/configuration.schema.json", make: () => configurationJsonSchema(rules) },
  ];
}

/** The paths whose files are not what they must be; they are written where `write` is set. */
export function update(root: URL, all: readonly Page[], write: boolean): readonly string[] {
  return all
    .filter(({ path, make }) => {
      const url = new URL(path, root);
      const standing = readIfThere(url);
      const wanted = make(standing);
      if (wanted === standing) return false;
      if (write) {
        mkdirSync(dirname(url.pathname), { recursive: true });
        writeFileSync(url, wanted);
      }
      return true;
    })
    .map(({ path }) => path);
}

function readIfThere(url: URL): string | undefined {
  try {
    return readFileSync(url, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
