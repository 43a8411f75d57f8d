import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sandboxShell } from "../../../scripts/support/sandbox-shell.ts";

let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ringfence-shell-"));
  for (const whose of ["ours", "theirs"]) {
    await mkdir(join(home, whose));
    const program = join(home, whose, "kubectl");
    await writeFile(program, `#!/bin/sh\necho "${whose} $KUBECONFIG"\n`);
    await chmod(program, 0o755);
  }
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Startup files as people have them. */
const startup = (): string => `export KUBECONFIG=${home}/prod
PATH=${home}/theirs:$PATH
alias kubectl='kubectl --context prod'
alias mine='echo mine'
PS1='theirs> '
`;

/** What the interactive shell answers to these lines. */
async function typed(program: string, lines: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const whole = { HOME: home, PATH: "/usr/bin:/bin", ...env };
  const variables = { KUBECONFIG: `${home}/it's ours`, KUBERC: "off" };
  const shell = await sandboxShell({
    program,
    variables,
    programs: join(home, "ours"),
    directory: join(home, "shell"),
    env: whole,
  });
  const child = spawn(shell.command, [...shell.args], { env: { ...whole, ...variables, ...shell.env } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(`${lines.join("\n")}\nexit\n`);
  await once(child, "close");
  return { stdout, stderr };
}

test("bash: its startup file is read, and cannot lead kubectl to another cluster", async () => {
  await writeFile(join(home, ".bashrc"), startup());
  const { stdout, stderr } = await typed("/bin/bash", ["kubectl", "mine"]);
  expect(stdout).toBe(`ours ${home}/it's ours\nmine\n`);
  expect(stderr).toContain("(ringfence) theirs> ");
});

test("sh: the same of the file in ENV", async () => {
  await writeFile(join(home, "shrc"), startup());
  const { stdout, stderr } = await typed("/bin/sh", ["kubectl", "mine"], { ENV: join(home, "shrc") });
  expect(stdout).toBe(`ours ${home}/it's ours\nmine\n`);
  expect(stderr).toContain("(ringfence) theirs> ");
});

test("without startup files it is our kubectl as well", async () => {
  for (const program of ["/bin/bash", "/bin/sh"]) {
    expect((await typed(program, ["kubectl"])).stdout).toBe(`ours ${home}/it's ours\n`);
  }
});
