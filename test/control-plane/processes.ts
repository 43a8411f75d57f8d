import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Hopeless, until, type UntilOptions } from "./wait.ts";
import type { Warden } from "./warden.ts";

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Takes standard output and standard error; appended to. */
  readonly logFile: string;
}

/** A child in a process group of its own, whose output goes to a file. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with "exit code 1", "signal SIGKILL" … when it has ended. */
  readonly exited: Promise<string>;
  /** The same, or undefined while it runs. */
  ended(): string | undefined;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, after `graceMs` (5 000) SIGKILL; resolves when it has ended. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

/** Starts a process under the warden's eyes. Throws where the program cannot be started. */
export async function startProcess(warden: Warden, spec: ProcessSpec): Promise<ManagedProcess> {
  const log = openSync(spec.logFile, "a");
  const child = spawn(spec.command, [...spec.args], {
    detached: true,
    stdio: ["ignore", log, log],
    ...(spec.env === undefined ? {} : { env: spec.env }),
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => {
      reject(new Error(`${spec.name} could not be started: ${error.message}`, { cause: error }));
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${spec.name} has no process id`);
  warden.watch(pid);
  let end: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      end = signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
      warden.forget(pid);
      resolve(end);
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (end !== undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      // It ended between the look and the signal.
    }
  };
  const stop = async (graceMs = 5_000): Promise<void> => {
    signal("SIGTERM");
    const timer = setTimeout(() => {
      signal("SIGKILL");
    }, graceMs);
    await exited;
    clearTimeout(timer);
  };
  const kill = async (): Promise<void> => {
    signal("SIGKILL");
    await exited;
  };
  return { name: spec.name, pid, logFile: spec.logFile, exited, ended: () => end, signal, stop, kill };
}

/** Waits for a condition of a running process; if the process ends first, throws at once with the end of its log. */
export async function untilReady(
  process: ManagedProcess,
  condition: () => Promise<boolean>,
  options: UntilOptions = {},
): Promise<void> {
  try {
    await until(
      `${process.name} to be ready`,
      () => {
        const end = process.ended();
        if (end !== undefined) throw new Hopeless(`${process.name} ended with ${end} before it was ready`);
        return condition();
      },
      options,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nThe end of its log:\n${await tail(process.logFile)}`, { cause: error });
  }
}

async function tail(file: string): Promise<string> {
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines.slice(-15).join("\n");
}
