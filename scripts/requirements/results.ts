import { join, relative } from "node:path";

/** The part of vitest's JSON report that is read. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
    }[];
  }[];
}

/** One test, as the last run left it. */
export interface Tried {
  /** From the root of the repository: test/e2e/… */
  readonly file: string;
  readonly title: string;
  readonly status: string;
}

/** What is known of one requirement. */
export interface Standing {
  readonly tests: readonly Tried[];
  /** Why it does not count as held; undefined where it does. */
  readonly gap: string | undefined;
}

/** Tests of pure functions: they tell how, but not that it is so for who stands before the socket. */
const pure = ["engine", "model", "network", "rules", "view", "config"].map((name) => join("test", name, "/"));

/** Every test of the reports, files named from `root`. */
export function testsOf(reports: readonly Report[], root: string): Tried[] {
  return reports.flatMap(({ testResults }) =>
    testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({
        file: relative(root, name),
        title: fullName.trim(),
        status,
      })),
    ),
  );
}

/**
 * The tests whose title names the requirement as a word, and whether they hold it: each passed, none was left out, and
 * at least one sends its case through the socket or kubectl.
 */
export function standingOf(id: string, tests: readonly Tried[]): Standing {
  const word = new RegExp(`\\b${id}\\b`);
  const named = tests.filter(({ title }) => word.test(title));
  return { tests: named, gap: gapOf(named) };
}

function gapOf(tests: readonly Tried[]): string | undefined {
  if (tests.length === 0) return "no test names it";
  const failed = tests.filter(({ status }) => status === "failed").length;
  if (failed > 0) return `${failed} of its tests failed`;
  const skipped = tests.filter(({ status }) => status !== "passed").length;
  if (skipped > 0) return `${skipped} of its tests did not run`;
  if (tests.every(({ file }) => pure.some((folder) => file.startsWith(folder)))) {
    return "only tests of pure functions name it, none goes through the socket or kubectl";
  }
  return undefined;
}
