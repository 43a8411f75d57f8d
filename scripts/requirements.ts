import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sections, type Requirement } from "./requirements/list.ts";
import { requirementsPage } from "./requirements/page.ts";
import { standingOf, testsOf, type Report, type Standing } from "./requirements/results.ts";
import { root, runNode } from "./support/run-tool.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run requirements [-- --run] [--write]

Prints each requirement, the tests that name it in their titles, and how they went in the last npm test. Exits 1 on a gap:
a requirement without a test, with one that failed or did not run, or with none that goes through the socket or kubectl.

  --run     run npm test first (done anyway where no results are there)
  --write   write docs/reference/requirements.md
`;

await runScript(help, async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { run: { type: "boolean", default: false }, write: { type: "boolean", default: false } },
  });
  if (positionals.length > 0) throw new UsageError(`unknown argument ${positionals.join(" ")}`);
  const reports = (values.run ? undefined : await readReports()) ?? (await runTests());
  const tests = testsOf(reports, root);
  const standing = (id: string): Standing => standingOf(id, tests);
  const gaps = print(standing);
  if (values.write) {
    await writeFile(join(root, "docs/reference/requirements.md"), requirementsPage(standing));
  }
  return gaps === 0 ? 0 : 1;
});

/** What `npm test` left, of both its parts; undefined where one is missing. */
async function readReports(): Promise<Report[] | undefined> {
  const read = async (project: string): Promise<Report | undefined> => {
    const text = await readFile(join(root, ".cache", `test-${project}.json`), "utf8").catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Report);
  };
  const [unit, endToEnd] = [await read("unit"), await read("e2e")];
  return unit === undefined || endToEnd === undefined ? undefined : [unit, endToEnd];
}

async function runTests(): Promise<Report[]> {
  await runNode(join(root, "scripts/run.js"), ["test"], { inherit: true });
  const reports = await readReports();
  if (reports === undefined) throw new Error("npm test left no results in .cache; run it and see why");
  return reports;
}

/** Prints every requirement; returns how many are not held. */
function print(standing: (id: string) => Standing): number {
  const all = sections.flatMap(({ requirements }): readonly Requirement[] => requirements);
  let gaps = 0;
  for (const { id, says } of all) {
    const { tests, gap } = standing(id);
    const count = `${tests.length} ${tests.length === 1 ? "test" : "tests"}`;
    const result = gap === undefined ? `passed (${count})` : `GAP: ${gap}`;
    process.stdout.write(`${id.padEnd(4)} ${result}  ${says}\n`);
    for (const { file, title, status } of tests) {
      process.stdout.write(`       ${status === "passed" ? "" : `${status}: `}${file}: ${title}\n`);
    }
    if (gap !== undefined) gaps += 1;
  }
  const held = all.length - gaps;
  process.stdout.write(
    `\n${held} of ${all.length} requirements are held${gaps > 0 ? `, ${gaps} not` : ""}\n`,
  );
  return gaps;
}
