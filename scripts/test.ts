import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { binaryOf, root, runNode } from "./support/run-tool.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm test

Runs the unit tests, then the end-to-end tests: kubectl against a real control plane (built once with Go, or taken from
KUBEBUILDER_ASSETS). The last line says how many passed and how many failed; exits 1 where one failed.

  npm run test:unit -- test/network        some of them, by path
  npm run test:e2e -- -t "G6"              some of them, by name
  UPDATE_GOLDEN=1 npm run test:e2e         writes the expected texts anew
`;

/** The part of vitest's JSON report that is counted. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

async function runProject(project: string): Promise<Count> {
  const reportFile = join(root, ".cache", `test-${project}.json`);
  await mkdir(join(root, ".cache"), { recursive: true });
  // Nobody shall count an earlier run's.
  await rm(reportFile, { force: true });
  const args = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportFile}`,
  ];
  const { code } = await runNode(binaryOf("vitest"), args, { inherit: true });
  const text = await readFile(reportFile, "utf8").catch(() => undefined);
  const count = text === undefined ? { passed: 0, failed: 0 } : countOf(JSON.parse(text) as Report);
  // What fails outside any test (a global setup, an unhandled rejection) counts as one.
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** A file that fails as a whole, e.g. because it cannot be loaded, counts as one failed test. */
function countOf(report: Report): Count {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((result) => result.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles.length };
}

await runScript(help, async (args) => {
  if (args.length > 0) throw new UsageError("npm test runs everything and takes no arguments");
  const unit = await runProject("unit");
  const endToEnd = await runProject("e2e");
  const passed = unit.passed + endToEnd.passed;
  const failed = unit.failed + endToEnd.failed;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});
