// The parent of warden.test.ts, which kills it: starts a process under a warden and says its id.
import { join } from "node:path";
import { startProcess } from "./processes.ts";
import { startWarden } from "./warden.ts";

const [, , directory = ""] = process.argv;
const warden = startWarden(directory);
const child = await startProcess(warden, {
  name: "sleeper",
  command: "/bin/sh",
  // A child of its own, which only the process group knows.
  args: ["-c", "sleep 600 & wait"],
  logFile: join(directory, "log"),
});
process.stdout.write(`${child.pid}\n`);
await child.exited;
