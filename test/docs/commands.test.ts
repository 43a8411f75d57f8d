import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { apiVersion, kind } from "#src/config/schema.ts";
import { run } from "../cli/run.ts";
import { blocksOf, markdownPages, readPage } from "./markdown.ts";

// `ringfence generate …` as pages type it, with the files that the page shows; it asks no cluster.

let directory: string;
let before: string;
beforeEach(() => {
  before = process.cwd();
  directory = mkdtempSync(join(tmpdir(), "ringfence-pages-"));
  process.chdir(directory);
});
afterEach(() => {
  process.chdir(before);
  rmSync(directory, { recursive: true });
});

/** The words of a command up to a pipe or a redirection; quotes hold words together. */
function wordsOf(command: string): readonly string[] {
  const [own = ""] = command.split(/ [|>] ?/);
  return [...own.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ""));
}

const typed = markdownPages().flatMap((page) => {
  const blocks = blocksOf(readPage(page));
  const commands = blocks
    .filter(({ language }) => language === "sh" || language === "console")
    .flatMap(({ text }) => [...text.matchAll(/^(?:\$ )?ringfence (generate .*)$/gm)])
    .map(([, command = ""]) => command);
  return commands.map((command) => ({ page, blocks, command }));
});

test("there are such commands", () => {
  expect(typed.length).toBeGreaterThanOrEqual(6);
});

test.each(typed)("$page: ringfence $command", async ({ blocks, command }) => {
  writeFileSync("ringfence.yaml", `apiVersion: ${apiVersion}\nkind: ${kind}\n`);
  for (const { text } of blocks) {
    const [, file] = /^# (\w+\.yaml)$/m.exec(text) ?? [];
    if (file !== undefined) writeFileSync(file, text);
  }
  const { code, stdout, stderr } = await run(...wordsOf(command));
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("kind: NetworkPolicy");
});
