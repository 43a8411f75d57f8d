import { spawn } from "node:child_process";
import type { UserName } from "./users.ts";

/** What one kubectl printed; a kubectl that a signal ended has the code 255. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  /** Whose kubeconfig; the admin's unless given. */
  readonly as?: UserName;
  readonly stdin?: string;
  readonly cwd?: string;
  /** Further variables, e.g. KUBE_EDITOR. */
  readonly env?: Readonly<Record<string, string>>;
}

export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>;

/** kubectl with the kubeconfig of one of the test's users; its discovery cache goes to `cacheDirectory`. */
export function kubectlRunner(
  program: string,
  kubeconfigs: Readonly<Record<UserName, string>>,
  cacheDirectory: string,
): Kubectl {
  return async (args, options = {}) =>
    await new Promise((resolve, reject) => {
      const child = spawn(program, [...args], {
        env: {
          ...process.env,
          ...kubectlVariables(kubeconfigs[options.as ?? "admin"], cacheDirectory),
          ...options.env,
        },
        stdio: ["pipe", "pipe", "pipe"],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      // kubectl may end before it has read everything.
      child.stdin.on("error", () => undefined);
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({
          code: code ?? 255,
          stdout: Buffer.concat(stdout).toString("utf8"),
          stderr: Buffer.concat(stderr).toString("utf8"),
        });
      });
      child.stdin.end(options.stdin ?? "");
    });
}

/** What makes kubectl use `kubeconfig` and leave nothing in the user's home. */
export function kubectlVariables(kubeconfig: string, cacheDirectory: string) {
  return { KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheDirectory, KUBERC: "off" };
}
