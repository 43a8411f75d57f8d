import { join } from "node:path";
import { startProcess, untilReady, type ManagedProcess } from "./processes.ts";
import type { Warden } from "./warden.ts";

export interface EtcdOptions {
  readonly program: string;
  readonly directory: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Called as soon as the process runs, before it is ready. */
  readonly started: (process: ManagedProcess) => void;
}

/** Starts one etcd member without fsync (its data lives as long as the test) and waits until it is healthy. */
export async function startEtcd(warden: Warden, options: EtcdOptions): Promise<void> {
  const client = `http://127.0.0.1:${options.clientPort}`;
  const peer = `http://127.0.0.1:${options.peerPort}`;
  const etcd = await startProcess(warden, {
    name: "etcd",
    command: options.program,
    args: [
      `--data-dir=${join(options.directory, "etcd")}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      "--unsafe-no-fsync",
      "--log-level=error",
    ],
    logFile: join(options.directory, "etcd.log"),
  });
  options.started(etcd);
  await untilReady(etcd, async () => (await fetch(`${client}/health`)).ok);
}
