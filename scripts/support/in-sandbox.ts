import { constants } from "node:os";
import { resolve } from "node:path";
import { loadConfiguration } from "../../src/config/load.ts";
import { rules } from "../../src/rules/index.ts";
import type { RingfenceOptions } from "../../test/control-plane/ringfence.ts";
import { startSandbox, type Sandbox } from "../../test/control-plane/sandbox.ts";

/** npm runs scripts in the root of the package; paths and commands mean the folder where the user is. */
export const userDirectory = process.env.INIT_CWD ?? process.cwd();

export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Called for each of them. */
  onSignal(listener: (name: NodeJS.Signals) => void): void;
}

/**
 * Starts a sandbox, lets `use` work in it, and stops it again, also after an error or a signal. The result of `use` is
 * the exit code; a signal during the start ends with 128 + its number. `configFile` is relative to the user's folder; it is
 * validated before anything is started (rejects with its faults), and Ringfence follows it.
 */
export async function inSandbox(
  configFile: string | undefined,
  ringfence: RingfenceOptions,
  use: (sandbox: Sandbox, interruption: Interruption) => Promise<number>,
): Promise<number> {
  const file = configFile === undefined ? undefined : resolve(userDirectory, configFile);
  if (file !== undefined) loadConfiguration(file, rules);
  const abort = new AbortController();
  const listeners: ((name: NodeJS.Signals) => void)[] = [];
  let interruptedBy: NodeJS.Signals = "SIGINT";
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      interruptedBy = name;
      abort.abort(new Error(`interrupted by ${name}`));
      for (const listener of listeners) listener(name);
    });
  }
  const interruption: Interruption = {
    signal: abort.signal,
    onSignal: (listener) => listeners.push(listener),
  };
  try {
    const sandbox = await startSandbox({
      signal: abort.signal,
      ringfence: file === undefined ? ringfence : { ...ringfence, configFile: file },
    });
    try {
      return await use(sandbox, interruption);
    } finally {
      await sandbox.stop();
    }
  } catch (error) {
    if (abort.signal.aborted) return 128 + constants.signals[interruptedBy];
    throw error;
  }
}
