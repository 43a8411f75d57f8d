import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Rule } from "../../src/model/rule.ts";
import { newestOf } from "../../src/model/rule-versions.ts";
import { configurationJsonSchema, configurationPage } from "./configuration.ts";
import { metricsPage } from "./metrics.ts";
import { ruleIndex, rulePage } from "./rules.ts";

export interface Page {
  /** Relative to the repository's root. */
  readonly path: string;
  /** What must stand there, given what stands there now. */
  readonly make: (standing: string | undefined) => string;
}

/** Every file that is generated, wholly or at its head; `seen` is what kubectl printed in tests. */
export async function pages(rules: readonly Rule[], seen: string): Promise<readonly Page[]> {
  const metrics = await metricsPage();
  return [
    { path: "docs/rules/README.md", make: () => ruleIndex(rules) },
    ...newestOf(rules).map((rule) => ({
      path: `docs/rules/${rule.id}.md`,
      make: (standing: string | undefined) => rulePage(rule, seen, standing, olderThan(rule, rules)),
    })),
    { path: "docs/reference/metrics.md", make: () => metrics },
    { path: "docs/reference/configuration.md", make: () => configurationPage(rules) },
    { path: "docs/reference/configuration.schema.json", make: () => configurationJsonSchema(rules) },
  ];
}

function olderThan(rule: Rule, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((other) => other.id === rule.id && other !== rule);
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

/** Everything that kubectl was seen to print in the end-to-end tests. */
export function seenTexts(root: URL): string {
  const directory = new URL("test/e2e/golden/", root);
  const names = readdirSync(directory)
    .filter((name) => name.endsWith(".txt"))
    .sort();
  return names.map((name) => readFileSync(new URL(name, directory), "utf8")).join("\n");
}

function readIfThere(url: URL): string | undefined {
  try {
    return readFileSync(url, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
