import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Where server and load run: a core each, where the machine has two and `taskset`. */
export interface Cores {
  /** What stands before a command to keep it on the server's core; empty where that cannot be done. */
  readonly server: readonly string[];
  readonly load: readonly string[];
  /** For people. */
  readonly text: string;
}

/** The first two cores that this process may use. */
export function divideCores(): Cores {
  const [load, server] = allowedCores();
  if (server === undefined || load === undefined || !hasTaskset()) {
    return { server: [], load: [], text: "server and load share all cores" };
  }
  const pinned = (core: number): string[] => ["taskset", "--cpu-list", String(core)];
  return {
    server: pinned(server),
    load: pinned(load),
    text: `server on core ${server}, load on core ${load}`,
  };
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function hasTaskset(): boolean {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
