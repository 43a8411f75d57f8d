import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startProcess, untilReady } from "./processes.ts";
import { until } from "./wait.ts";
import { startWarden } from "./warden.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ringfence-warden-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Whether any process of the group is left. */
function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a parent that is gone", () => {
  test.for<NodeJS.Signals>(["SIGKILL", "SIGTERM", "SIGINT"])(
    "%s: takes its processes and its folder along",
    async (signal) => {
      const parent = spawn(process.execPath, [join(import.meta.dirname, "warden-parent.ts"), directory], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      expect(groupLives(pid)).toBe(true);
      const exited = once(parent, "exit");
      parent.kill(signal);
      await exited;
      await until("the group and the folder to be gone", () => !groupLives(pid) && !existsSync(directory));
    },
  );
});

test("the folder goes whatever PATH says", async () => {
  vi.stubEnv("PATH", directory);
  const warden = startWarden(directory);
  vi.unstubAllEnvs();
  await warden.dismiss();
  expect(existsSync(directory)).toBe(false);
});

describe("a process", () => {
  const start = (script: string) => {
    const warden = startWarden(directory);
    const spec = { name: "thing", command: "/bin/sh", args: ["-c", script], logFile: join(directory, "log") };
    return startProcess(warden, spec).then((thing) => ({ thing, warden }));
  };

  test("that ignores SIGTERM is killed after its grace", async () => {
    const { thing, warden } = await start("trap '' TERM; echo ready; while :; do sleep 1; done");
    await until("its trap", async () => (await readFile(thing.logFile, "utf8")).includes("ready"));
    await thing.stop(100);
    expect(thing.ended()).toBe("signal SIGKILL");
    await warden.dismiss();
    expect(existsSync(directory)).toBe(false);
  });

  test("that ends before it is ready is told at once, with its log", async () => {
    const { thing, warden } = await start("echo 'bind: address already in use' >&2; exit 3");
    await expect(untilReady(thing, () => Promise.resolve(false))).rejects.toThrow(
      /thing ended with exit code 3 before it was ready\n.*\nbind: address already in use/,
    );
    await warden.dismiss();
  });

  test("that does not exist is an error with its name", async () => {
    const warden = startWarden(directory);
    const spec = {
      name: "etcd",
      command: join(directory, "etcd"),
      args: [],
      logFile: join(directory, "log"),
    };
    await expect(startProcess(warden, spec)).rejects.toThrow(/^etcd could not be started: /);
    await warden.dismiss();
  });
});
