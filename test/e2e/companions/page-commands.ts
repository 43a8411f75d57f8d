import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { blocksOf, readPage, type Block } from "../../docs/markdown.ts";

// The commands of pages, as a shell runs them.

/** The checkout. */
export const root = join(import.meta.dirname, "../../..");

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A block of commands as a shell runs it; the first that fails ends it. */
async function shell({ text }: Block, env: NodeJS.ProcessEnv, cwd: string): Promise<Ran> {
  return await new Promise((resolve) => {
    execFile("bash", ["-ec", text], { cwd, env }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 1;
      resolve({ code: error === null ? 0 : code, stdout, stderr });
    });
  });
}

/** Runs a block in this environment, in the root of the checkout unless said otherwise; none of its commands may fail. */
export async function succeeds(block: Block | undefined, env: NodeJS.ProcessEnv, cwd = root): Promise<Ran> {
  if (block === undefined) throw new Error("the page has no such block");
  const ran = await shell(block, env, cwd);
  expect(ran.code, `${block.text}${ran.stderr}`).toBe(0);
  return ran;
}

/** The blocks of commands in a chapter of a page; the chapter before the first heading is ``. */
export const commandsOf = (path: string, chapter: string): readonly Block[] =>
  blocksOf(readPage(path)).filter((block) => block.language === "sh" && block.chapter === chapter);

/** The page's block as it is typed for another namespace than `shop`. */
export function typedFor(namespace: string, block: Block | undefined): Block {
  if (block === undefined) throw new Error("the page has no such block");
  return { ...block, text: block.text.replaceAll(/\bshop\b/g, namespace) };
}

/** A folder with the files that the page shows, each below a comment with its name. */
export async function filesOf(page: string, namespace: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "ringfence-page-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const block of blocksOf(readPage(page))) {
    const [, file] = /^# (\w+\.yaml)$/m.exec(block.text) ?? [];
    if (file !== undefined) await writeFile(join(directory, file), typedFor(namespace, block).text);
  }
  return directory;
}
