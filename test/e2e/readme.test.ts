import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf, readPage, repository } from "../docs/markdown.ts";

// The commands of the README: those that need nothing but a checkout are run, each with what it starts itself; the others
// are those of pages, whose tests run them.

const commands = blocksOf(readPage("README.md"))
  .filter(({ language }) => language === "sh")
  .flatMap(({ text }) => text.trimEnd().split("\n"))
  .map((command) => command.replace(/^npm ci && /, ""));
const needsNothing = /^(npm run (demo|sandbox -- .+)|npx ringfence .+)$/;
/** The tests themselves, and a shell that waits for its user. */
const notRun = ["npm test", "npm run sandbox"];

test.each(commands.filter((command) => needsNothing.test(command)))(
  "%s",
  { timeout: 400_000 },
  async (command) => {
    const [file = "", ...args] = command.split(" ");
    const ran = await new Promise<{
      readonly failed: boolean;
      readonly stdout: string;
      readonly stderr: string;
    }>((resolve) => {
      execFile(file, args, { cwd: repository }, (error, stdout, stderr) => {
        resolve({ failed: error !== null, stdout, stderr });
      });
    });
    expect(ran.failed, `${ran.stdout}${ran.stderr}`).toBe(false);
    expect(ran.stdout).not.toBe("");
  },
);

test("the other commands stand on pages of tasks", () => {
  const folder = new URL("docs/tasks/", repository);
  const pages = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const others = commands.filter((command) => !needsNothing.test(command) && !notRun.includes(command));
  expect(others.length).toBeGreaterThan(0);
  for (const command of others) {
    expect(
      pages.some((page) => page.includes(command)),
      command,
    ).toBe(true);
  }
});
