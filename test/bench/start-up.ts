import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { startProcess } from "../control-plane/processes.ts";
import { startRingfence, type RingfenceAddress } from "../control-plane/ringfence.ts";
import type { Cores } from "./cores.ts";
import { bundle, nodeCommand } from "./servers.ts";
import { median } from "./statistics.ts";

/** Medians, times in milliseconds. */
export interface StartUp {
  /** From the start of the process to /readyz 200. */
  readonly ready: number;
  /** A process that imports the bundle with everything that `serve` is made of, and ends. */
  readonly bareImport: number;
  /** How many times the import the start took, one after the other. */
  readonly ratio: number;
}

const limitMs = 60_000;
/** Between two questions whether it is ready, each of which costs the server some of the time that is measured. */
const lookMs = 5;

/** Starts each of the two several times, in turn. */
export async function measureStartUp(
  controlPlane: ControlPlane,
  cores: Cores,
  times: number,
): Promise<StartUp> {
  // One that is started in the usual way leaves certificate and configuration for those that are measured.
  const ringfence = await startRingfence(controlPlane, { register: false });
  try {
    await ringfence.halt("SIGKILL");
    const node = nodeCommand(cores);
    const { address } = ringfence;
    const serve = [...node, bundle, ...serveArguments(address, controlPlane.address.kubeconfigs.ringfence)];
    const importOnly = [...node, bundle, "serve", "--help"];
    const pairs: { ready: number; bareImport: number }[] = [];
    for (let time = 0; time <= times; time++) {
      const ready = await timeUntilReady(controlPlane, address, serve);
      pairs.push({ ready, bareImport: await timeUntilEnd(controlPlane, address, importOnly) });
    }
    // The first was for the file cache.
    pairs.shift();
    return {
      ready: median(pairs.map(({ ready }) => ready)),
      bareImport: median(pairs.map(({ bareImport }) => bareImport)),
      ratio: median(pairs.map(({ ready, bareImport }) => ready / bareImport)),
    };
  } finally {
    await ringfence.stop();
  }
}

function serveArguments(address: RingfenceAddress, kubeconfig: string): string[] {
  return [
    "serve",
    `--config=${address.configFile}`,
    `--kubeconfig=${kubeconfig}`,
    `--tls-cert-file=${address.certificateFile}`,
    `--tls-private-key-file=${address.keyFile}`,
    "--bind-address=127.0.0.1",
    `--port=${new URL(address.url).port}`,
    `--health-port=${new URL(address.healthUrl).port}`,
  ];
}

async function timeUntilReady(
  { warden }: ControlPlane,
  address: RingfenceAddress,
  [command = "", ...args]: readonly string[],
): Promise<number> {
  const logFile = join(address.directory, "start-up.log");
  const start = performance.now();
  const process = await startProcess(warden, { name: "ringfence", command, args, logFile });
  try {
    while (!(await isReady(address.healthUrl))) {
      const end = process.ended();
      if (end !== undefined)
        throw new Error(`ringfence ended with ${end} before it was ready, see ${logFile}`);
      if (performance.now() - start > limitMs) throw new Error("ringfence was not ready within a minute");
      await sleep(lookMs);
    }
    return performance.now() - start;
  } finally {
    await process.kill();
  }
}

async function timeUntilEnd(
  { warden }: ControlPlane,
  address: RingfenceAddress,
  [command = "", ...args]: readonly string[],
): Promise<number> {
  const logFile = join(address.directory, "import.log");
  const start = performance.now();
  const process = await startProcess(warden, { name: "the bare import", command, args, logFile });
  await process.exited;
  return performance.now() - start;
}

async function isReady(healthUrl: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const outgoing = get(`${healthUrl}/readyz`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    outgoing.on("error", () => {
      resolve(false);
    });
  });
}
