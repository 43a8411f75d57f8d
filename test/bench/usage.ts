import { readFile } from "node:fs/promises";

/** What a process has used, as Linux counts it. */
export interface Usage {
  /** User and system time of all its threads, in milliseconds; counted in steps of 10 ms. */
  readonly cpuMs: number;
  /** Memory in RAM now, and the most it ever was, in MiB. */
  readonly rssMiB: number;
  readonly peakRssMiB: number;
}

/** USER_HZ: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** Reads /proc. Throws where there is none, or no such process any more. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // The second field, the program's name, may hold anything, also parentheses: fields are counted behind the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuMs: ((userTicks + systemTicks) * 1000) / ticksPerSecond,
    rssMiB: mebibytes("VmRSS"),
    peakRssMiB: mebibytes("VmHWM"),
  };
}
