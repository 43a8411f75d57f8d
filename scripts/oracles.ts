import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareSource } from "../test/oracles/compare.ts";
import { oracleSources } from "../test/oracles/sources.ts";
import { oraclesPage } from "./oracles/page.ts";
import { idle, sourceText, unexplained } from "./oracles/report.ts";
import { root } from "./support/run-tool.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run oracles [-- SOURCE…] [--all] [--write]

Holds Ringfence's evaluator against the reachability that others expect of published cases (test/oracles), and against a
naive evaluator, cell by cell. Prints the counts of each source and every difference that nothing explains; exits 1 on
one. The sources: ${oracleSources()
  .map(({ id }) => id)
  .join(", ")}.

  --all     print the explained differences too
  --write   write the generated part of docs/reference/oracles.md
`;

await runScript(help, async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { all: { type: "boolean", default: false }, write: { type: "boolean", default: false } },
  });
  const sources = oracleSources();
  const strange = positionals.find((name) => !sources.some(({ id }) => id === name));
  if (strange !== undefined) throw new UsageError(`no source ${strange}`);
  if (values.write && positionals.length > 0) throw new UsageError("--write takes every source: name none");
  const chosen = sources.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  const results = chosen.map(compareSource);
  for (const result of results) process.stdout.write(`${sourceText(result, values.all)}\n`);
  const unused = positionals.length === 0 ? idle(results) : [];
  for (const id of unused)
    process.stdout.write(`explains nothing any more: ${id}; remove it from compare.ts\n`);
  const differing = unexplained(results).length;
  process.stdout.write(
    `${differing} ${differing === 1 ? "cell differs" : "cells differ"} without an explanation\n`,
  );
  if (values.write) {
    const path = join(root, "docs/reference/oracles.md");
    await writeFile(path, oraclesPage(results, await readFile(path, "utf8").catch(() => undefined)));
  }
  return differing + unused.length === 0 ? 0 : 1;
});
