import { mkdtemp, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import type { ControlPlaneConnection } from "./connection.ts";
import { parseMetrics, sumOf, type Sample } from "./metrics.ts";
import { freePorts } from "./ports.ts";
import { startProcess, untilReady, type ManagedProcess } from "./processes.ts";
import { Hopeless, until } from "./wait.ts";
import { startWarden, type Warden } from "./warden.ts";
import { registerWebhooks, type RegisterOptions } from "./webhooks.ts";

/** The configuration of tests, demo and sandbox unless another is given. */
export const defaultConfiguration = `apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
defaults:
  enforce: privileged
operators:
  groups: [platform, system:masters]
`;

export interface RingfenceOptions extends Pick<RegisterOptions, "failurePolicy" | "instance"> {
  /** The text of its configuration file. */
  readonly config?: string;
  /** A file that it follows instead; not ours, and never written. */
  readonly configFile?: string;
  /** What is started, with its first arguments; node with bin/ringfence of this checkout unless given. */
  readonly command?: readonly [string, ...string[]];
  /** Further arguments of `serve`. */
  readonly args?: readonly string[];
  /** What a start waits for: that it is ready, unless given, or only that it is alive. */
  readonly awaits?: "ready" | "alive";
  /** Whether the API server is told of it; true unless given. */
  readonly register?: boolean;
}

/** Where a Ringfence is; plain data, so that it can be handed to another process. */
export interface RingfenceAddress {
  /** https://127.0.0.1:PORT */
  readonly url: string;
  /** http://127.0.0.1:PORT of /livez, /readyz and /metrics. */
  readonly healthUrl: string;
  readonly authorityPem: string;
  readonly directory: string;
  readonly configFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly logFile: string;
}

/** One line of its log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** What can be seen of a Ringfence that runs somewhere. */
export interface RingfenceConnection {
  readonly address: RingfenceAddress;
  /** Its samples whose name begins with `prefix`; `ringfence_` unless given. */
  metrics(prefix?: string): Promise<Sample[]>;
  /** The lines logged so far, those that are JSON. */
  log(): Promise<LogLine[]>;
  /** The last line that `matches`, as soon as there is one; throws after 30 s. */
  awaitLog(what: string, matches: (line: LogLine) => boolean): Promise<LogLine>;
  /** The answer of /readyz?verbose. */
  readiness(): Promise<{ readonly status: number; readonly text: string }>;
}

/** A Ringfence that this process started. */
export interface Ringfence extends RingfenceConnection {
  pid(): number;
  /** Replaces the configuration file and waits until it has been read, taken or refused; after `halt` nobody reads it. */
  rewriteConfig(config: string): Promise<void>;
  /** Ends the process and leaves the webhooks registered: SIGTERM, or at once with SIGKILL. */
  halt(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again at the same address after `halt`. */
  start(): Promise<void>;
  /** Removes the webhooks, ends the process, removes its files. */
  stop(): Promise<void>;
}

/** Joins a Ringfence that runs already. */
export function connectRingfence(address: RingfenceAddress): RingfenceConnection {
  const log = async (): Promise<LogLine[]> => parseLog(await readFile(address.logFile, "utf8"));
  return {
    address,
    metrics: async (prefix = "ringfence_") =>
      parseMetrics(await (await fetch(`${address.healthUrl}/metrics`)).text(), prefix),
    log,
    awaitLog: (what, matches) =>
      until(`a log line of Ringfence: ${what}`, async () => (await log()).filter(matches).at(-1)),
    readiness: async () => {
      const response = await fetch(`${address.healthUrl}/readyz?verbose`);
      return { status: response.status, text: await response.text() };
    },
  };
}

function parseLog(text: string): LogLine[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      // The last line, half written.
      return [];
    }
  });
}

/**
 * Starts `ringfence serve` beside the control plane, under its own account, waits until it is ready, and registers
 * the webhook configurations of deploy/kustomize for it. Resolves when they are in force.
 */
export async function startRingfence(
  controlPlane: ControlPlaneConnection,
  options: RingfenceOptions = {},
): Promise<Ringfence> {
  const directory = await mkdtemp(join(controlPlane.address.directory, "ringfence-"));
  const warden = startWarden(directory);
  try {
    return await launch(controlPlane, options, directory, warden);
  } catch (error) {
    await warden.dismiss();
    throw error;
  }
}

async function launch(
  controlPlane: ControlPlaneConnection,
  options: RingfenceOptions,
  directory: string,
  warden: Warden,
): Promise<Ringfence> {
  const [port = 0, healthPort = 0] = await freePorts(2);
  const address = await writeFiles(directory, port, healthPort, options);
  const connection = connectRingfence(address);
  const { ringfence: kubeconfig } = controlPlane.address.kubeconfigs;
  const begin = (): Promise<ManagedProcess> =>
    serve(warden, options, address, kubeconfig, [port, healthPort]);
  let process = await begin();
  const registration =
    options.register === false
      ? undefined
      : await registerWebhooks(controlPlane, {
          url: address.url,
          authorityPem: address.authorityPem,
          ...(options.instance === undefined ? {} : { instance: options.instance }),
          ...(options.failurePolicy === undefined ? {} : { failurePolicy: options.failurePolicy }),
        });
  return {
    ...connection,
    pid: () => process.pid,
    rewriteConfig: (config) =>
      process.ended() === undefined
        ? rewriteConfig(connection, config)
        : replaceFile(address.configFile, config),
    halt: (signal = "SIGTERM") => (signal === "SIGKILL" ? process.kill() : process.stop(60_000)),
    start: async () => {
      process = await begin();
    },
    stop: async () => {
      await registration?.remove();
      // Nobody calls it any more: nothing to drain.
      await process.kill();
      await warden.dismiss();
    },
  };
}

async function writeFiles(
  directory: string,
  port: number,
  healthPort: number,
  { config = defaultConfiguration, configFile }: RingfenceOptions,
): Promise<RingfenceAddress> {
  const { authority, serving } = await makeDevelopmentCertificates();
  const address: RingfenceAddress = {
    url: `https://127.0.0.1:${port}`,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    authorityPem: authority.certificatePem,
    directory,
    configFile: configFile ?? join(directory, "config.yaml"),
    certificateFile: join(directory, "tls.crt"),
    keyFile: join(directory, "tls.key"),
    logFile: join(directory, "ringfence.log"),
  };
  if (configFile === undefined) await writeFile(address.configFile, config);
  await writeFile(address.certificateFile, serving.certificatePem);
  await writeFile(address.keyFile, serving.keyPem, { mode: 0o600 });
  return address;
}

async function serve(
  warden: Warden,
  options: RingfenceOptions,
  address: RingfenceAddress,
  kubeconfig: string,
  [port, healthPort]: readonly [number, number],
): Promise<ManagedProcess> {
  const root = join(import.meta.dirname, "../..");
  const [program, ...first] = options.command ?? [process.execPath, join(root, "bin/ringfence")];
  const ringfence = await startProcess(warden, {
    name: "ringfence",
    command: program,
    args: [
      ...first,
      "serve",
      `--config=${address.configFile}`,
      `--kubeconfig=${kubeconfig}`,
      `--tls-cert-file=${address.certificateFile}`,
      `--tls-private-key-file=${address.keyFile}`,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      `--health-port=${healthPort}`,
      "--log-level=info",
      ...(options.args ?? []),
    ],
    cwd: root,
    logFile: address.logFile,
  });
  const path = options.awaits === "alive" ? "livez" : "readyz";
  try {
    await untilReady(ringfence, async () => (await fetch(`${address.healthUrl}/${path}`)).ok);
  } catch (error) {
    await ringfence.kill();
    throw error;
  }
  return ringfence;
}

/** The server counts every content of its configuration file that it has read after its start, by result. */
const reloads = "ringfence_config_reloads_total";

async function rewriteConfig(ringfence: RingfenceConnection, config: string): Promise<void> {
  const { configFile } = ringfence.address;
  // The same text again is no change that anybody would notice.
  if ((await readFile(configFile, "utf8")) === config) return;
  const count = async (): Promise<number> => {
    const samples = await ringfence.metrics(reloads);
    if (samples.length === 0) throw new Hopeless(`Ringfence has no metric ${reloads}`);
    return sumOf(samples, reloads);
  };
  const before = await count();
  await replaceFile(configFile, config);
  await until("Ringfence to read its configuration again", async () => (await count()) > before);
}

/** By renaming, so that nobody ever reads half a file. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.next`, text);
  await rename(`${file}.next`, file);
}
