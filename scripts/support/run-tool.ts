import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface ToolResult {
  readonly code: number;
  /** Standard output and standard error as they came; empty where they were inherited. */
  readonly output: string;
}

/** Runs a Node program in the root of the repository; `inherit` lets its output through instead of collecting it. */
export async function runNode(
  file: string,
  args: readonly string[],
  { inherit = false, env = process.env }: { inherit?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<ToolResult> {
  return await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: root,
      env,
      stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** The file behind `npx NAME`: what the package's `bin` says. Throws where the package is not installed. */
export function binaryOf(packageName: string, binary = packageName): string {
  const file = join(root, "node_modules", packageName, "package.json");
  const { bin } = JSON.parse(readFileSync(file, "utf8")) as { bin?: string | Record<string, string> };
  const path = typeof bin === "string" ? bin : bin?.[binary];
  if (path === undefined) throw new Error(`${packageName} has no program ${binary}`);
  return join(dirname(file), path);
}
