import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { freePorts } from "../control-plane/ports.ts";
import { startProcess, untilReady } from "../control-plane/processes.ts";
import { startRingfence, type Ringfence } from "../control-plane/ringfence.ts";
import { ask } from "./attack.ts";
import type { Cores } from "./cores.ts";

const root = join(import.meta.dirname, "../..");

/** The bundle that `npm run build` makes and the image holds. */
export const bundle = join(root, "dist/ringfence.js");

/** A server under measurement. */
export interface Server {
  readonly name: "Ringfence" | "bare server";
  readonly pid: number;
  readonly url: string;
}

export interface Servers {
  readonly ringfence: Server;
  readonly bare: Server;
  readonly authorityFile: string;
  readonly authorityPem: string;
  stop(): Promise<void>;
}

/** The options that the image gives to node, read from the Dockerfile's ENTRYPOINT. Throws where it has none. */
export function imageNodeOptions(): string[] {
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile())?.[1];
  if (entrypoint === undefined) throw new Error("the Dockerfile has no ENTRYPOINT as a JSON list");
  return (JSON.parse(entrypoint) as string[]).filter((word) => word.startsWith("--"));
}

/** The variables that the image sets, as NAME=value. */
export function imageVariables(): string[] {
  return [...dockerfile().matchAll(/^ENV (\w+=\S+)$/gm)].flatMap(([, variable]) => variable ?? []);
}

function dockerfile(): string {
  return readFileSync(join(root, "Dockerfile"), "utf8");
}

/** Node on the server's core, with the variables and options of the image. */
export function nodeCommand(cores: Cores): [string, ...string[]] {
  return ["env", ...imageVariables(), ...cores.server, process.execPath, ...imageNodeOptions()];
}

export interface ServersOptions {
  readonly cores: Cores;
  /** A folder for a CPU profile of Ringfence, written when it ends. */
  readonly profileDirectory?: string | undefined;
}

/**
 * Starts Ringfence beside the control plane as the image starts it, not registered, and the bare server with the same
 * certificate, Node and options. Both are on the server's core; only one of them is asked at a time.
 */
export async function startServers(controlPlane: ControlPlane, options: ServersOptions): Promise<Servers> {
  const { cores, profileDirectory } = options;
  const node = nodeCommand(cores);
  const profiling =
    profileDirectory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDirectory}`];
  const [program, ...first] = node;
  const command = [program, ...first, ...profiling, bundle] as const;
  const ringfence = await startRingfence(controlPlane, { command, register: false });
  try {
    const { url, authorityPem, directory } = ringfence.address;
    const authorityFile = join(directory, "ca.crt");
    await writeFile(authorityFile, authorityPem);
    const bare = await startBareServer(controlPlane, ringfence, node);
    const stop = async (): Promise<void> => {
      await bare.stop();
      // A profile is written at an orderly end only.
      if (profileDirectory !== undefined) await ringfence.halt("SIGTERM");
      await ringfence.stop();
    };
    return {
      ringfence: { name: "Ringfence", pid: ringfence.pid(), url },
      bare: bare.server,
      authorityFile,
      authorityPem,
      stop,
    };
  } catch (error) {
    await ringfence.stop();
    throw error;
  }
}

async function startBareServer(
  { warden }: ControlPlane,
  { address }: Ringfence,
  [command, ...args]: readonly [string, ...string[]],
): Promise<{ readonly server: Server; readonly stop: () => Promise<void> }> {
  const [port = 0] = await freePorts(1);
  const bare = await startProcess(warden, {
    name: "the bare server",
    command,
    args: [
      ...args,
      join(import.meta.dirname, "bare-server.js"),
      `--port=${port}`,
      `--cert=${address.certificateFile}`,
      `--key=${address.keyFile}`,
    ],
    logFile: join(address.directory, "bare-server.log"),
  });
  const url = `https://127.0.0.1:${port}`;
  const body = JSON.stringify({ request: { uid: "ready" } });
  await untilReady(
    bare,
    async () => (await ask(`${url}/validate`, address.authorityPem, body)).includes("ready"),
    { timeoutMs: 10_000 },
  );
  return { server: { name: "bare server", pid: bare.pid, url }, stop: () => bare.kill() };
}
