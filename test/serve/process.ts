// `ringfence serve` as a process of its own, without a cluster behind its kubeconfig.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serving, until, type LogLine } from "../server/webhook.ts";

export const configuration = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";

/** Port 1 answers nobody: the connection is refused at once. */
const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1", "insecure-skip-tls-verify": true } }],
  users: [{ name: "u", user: { token: "t" } }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
});

export interface Served {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly port: number;
  readonly healthPort: number;
  lines(): LogLine[];
  /** Sends the signal and gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts it on free ports and waits until it serves; throws what it wrote where it does not. */
export async function startServe(args: readonly string[] = []): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), "ringfence-serve-"));
  const file = (name: string): string => join(directory, name);
  await writeFile(file("config.yaml"), configuration);
  await writeFile(file("kubeconfig"), kubeconfig);
  await writeFile(file("tls.crt"), serving.cert);
  await writeFile(file("tls.key"), serving.key);
  const child = spawn(process.execPath, [
    join(import.meta.dirname, "../../bin/ringfence"),
    "serve",
    `--config=${file("config.yaml")}`,
    `--kubeconfig=${file("kubeconfig")}`,
    `--tls-cert-file=${file("tls.crt")}`,
    `--tls-private-key-file=${file("tls.key")}`,
    "--bind-address=127.0.0.1",
    "--port=0",
    "--health-port=0",
    ...args,
  ]);
  const exited = once(child, "exit") as Promise<[number | null]>;
  let written = "";
  child.stderr.on("data", (chunk: Buffer) => (written += chunk.toString()));
  const lines = (): LogLine[] =>
    written
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as LogLine);
  const started = (): LogLine | undefined => lines().find((line) => line["msg"] === "serving");
  try {
    await until("it serves", () => started() !== undefined || child.exitCode !== null);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  const line = started();
  if (line === undefined) throw new Error(`it did not start: exit code ${child.exitCode ?? ""}, ${written}`);
  return {
    child,
    directory,
    port: Number(line["port"]),
    healthPort: Number(line["healthPort"]),
    lines,
    end: async (signal) => {
      child.kill(signal);
      return (await exited)[0];
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) child.kill("SIGKILL");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
