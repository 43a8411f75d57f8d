import { watchFile, unwatchFile } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { inSandbox } from "./support/in-sandbox.ts";
import { runScript } from "./support/script.ts";

const help = `usage: npm run dev -- [--config FILE]

Starts a real control plane with Ringfence registered in front of it, as npm run sandbox does, restarts Ringfence
whenever a source file changes, and prints its log until Ctrl-C. Use it from another terminal with the KUBECONFIG that it
prints.
`;

await runScript(help, async (args) => {
  const { values } = parseArgs({ args: [...args], options: { config: { type: "string" } } });
  const ringfence = join(import.meta.dirname, "../bin/ringfence");
  const command = [process.execPath, "--watch", "--watch-preserve-output", ringfence] as const;
  return await inSandbox(
    values.config,
    { command: [...command], args: ["--shutdown-delay=0s"] },
    async (sandbox, { signal }) => {
      const env = sandbox.environment({});
      const names = [
        "KUBECONFIG",
        "KUBECONFIG_OPERATOR",
        "KUBECONFIG_TENANT",
        "RINGFENCE_URL",
        "RINGFENCE_HEALTH_URL",
        "RINGFENCE_METRICS_URL",
        "RINGFENCE_CONFIG_FILE",
      ];
      const lines = names.map((name) => `  export ${name}=${env[name] ?? ""}\n`);
      const { kubectl } = sandbox.controlPlane.address;
      process.stderr.write(`\nIn another terminal:\n${lines.join("")}  alias kubectl=${kubectl}\n\n`);
      await follow(sandbox.ringfence.address.logFile, signal);
      return 0;
    },
  );
});

/** Prints what a file holds and what is appended to it, until the signal. */
async function follow(path: string, signal: AbortSignal): Promise<void> {
  const file = await open(path);
  let position = await print(file, 0);
  await new Promise<void>((resolve) => {
    let reading = Promise.resolve();
    watchFile(path, { interval: 200 }, () => {
      reading = reading.then(async () => {
        position = await print(file, position);
      });
    });
    signal.addEventListener("abort", () => {
      unwatchFile(path);
      void reading.then(resolve);
    });
  });
  await file.close();
}

/** Prints the file from `position` on and returns where it ends now. */
async function print(file: FileHandle, position: number): Promise<number> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - position));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  process.stdout.write(buffer.subarray(0, bytesRead));
  return position + bytesRead;
}
