import { existsSync } from "node:fs";
import { join } from "node:path";
import { runScript, UsageError } from "./support/script.ts";
import { binaryOf, root, runNode } from "./support/run-tool.ts";

const help = `usage: npm run check -- [NAME]…

Holds the sources to their rules, two checks at a time: types, lint, layers, format, exports, docs.
With names, only those. Exits 1 and names what failed.
`;

interface Check {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** What to do about a failure. */
  readonly remedy: string;
}

/** Those that take long come first, so that the short ones fill the second core. */
function checks(): Check[] {
  const cache = "node_modules/.cache";
  return [
    {
      name: "lint",
      file: binaryOf("eslint"),
      args: [
        ".",
        "--max-warnings=0",
        "--cache",
        `--cache-location=${cache}/eslint/`,
        "--cache-strategy=content",
      ],
      remedy: "npx eslint --fix . repairs some of it",
    },
    {
      name: "types",
      file: binaryOf("typescript", "tsc"),
      args: ["--noEmit", "--incremental", "--tsBuildInfoFile", `${cache}/tsc/tsbuildinfo`],
      remedy: "npx tsc shows the same",
    },
    {
      name: "format",
      file: binaryOf("prettier"),
      args: [
        "--check",
        ".",
        "--log-level=warn",
        "--cache",
        `--cache-location=${cache}/prettier/.prettier-cache`,
      ],
      remedy: "npm run format repairs it",
    },
    {
      name: "layers",
      file: binaryOf("dependency-cruiser", "depcruise"),
      args: ["src", "--config", ".dependency-cruiser.cjs"],
      remedy: ".dependency-cruiser.cjs says who may import whom",
    },
    {
      name: "exports",
      file: binaryOf("ts-unused-exports"),
      args: [
        "tsconfig.exports.json",
        "--allowUnusedTypes",
        // Named by tools, not by imports; commands are loaded when they are called; imports that end in index.ts are not
        // recognized.
        "--excludePathsFromReport=vitest.config.ts;global-setup.ts;src/cli/;/index.ts",
      ],
      remedy: "remove the word export, or the code",
    },
    ...(existsSync(join(root, "scripts/docs.ts"))
      ? [
          {
            name: "docs",
            file: "scripts/run.js",
            args: ["docs", "--check"],
            remedy: "npm run docs writes them anew",
          },
        ]
      : []),
  ];
}

interface Outcome {
  readonly check: Check;
  readonly passed: boolean;
}

async function run(check: Check): Promise<Outcome> {
  const start = Date.now();
  const { code, output } = await runNode(check.file, check.args);
  const passed = code === 0;
  const seconds = ((Date.now() - start) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${passed ? "ok    " : "FAILED"} ${check.name.padEnd(8)} ${seconds} s\n`);
  if (!passed) process.stdout.write(`${output.trimEnd()}\n(${check.remedy})\n\n`);
  return { check, passed };
}

await runScript(help, async (names) => {
  const all = checks();
  const unknown = names.filter((name) => !all.some((check) => check.name === name));
  if (unknown.length > 0) {
    throw new UsageError(
      `no check is called ${unknown.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`,
    );
  }
  const start = Date.now();
  const queue = all.filter(({ name }) => names.length === 0 || names.includes(name));
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift())
      outcomes.push(await run(check));
  };
  await Promise.all([worker(), worker()]);
  const failed = outcomes.filter(({ passed }) => !passed).map(({ check }) => check.name);
  const seconds = Math.round((Date.now() - start) / 1000);
  process.stdout.write(
    failed.length === 0
      ? `check: all ${outcomes.length} passed in ${seconds} s\n`
      : `check: failed after ${seconds} s: ${failed.join(", ")}\n`,
  );
  return failed.length === 0 ? 0 : 1;
});
