import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { companionPlan, measureCompanions, quickCompanionPlan } from "../../test/bench/companions.ts";
import {
  birthsTable,
  companionsSection,
  quietText,
  withCompanions,
} from "../../test/bench/companions-page.ts";
import { divideCores } from "../../test/bench/cores.ts";
import { machine } from "../../test/bench/page.ts";
import { startControlPlane } from "../../test/control-plane/control-plane.ts";
import { toStandardError } from "../../test/control-plane/progress.ts";
import { UsageError } from "../support/script.ts";

export const companionsHelp = `usage: npm run bench companions -- [--quick] [--write]

How long a namespace is without its companions, one by one and many at once, and what Ringfence does when nothing changes.
About seven minutes.

  --quick   few namespaces: a minute
  --write   write the section of docs/reference/performance.md
`;

const scripts = join(import.meta.dirname, "..");

/** `npm run bench companions`. */
export async function benchCompanions(args: readonly string[], page: string): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(companionsHelp);
    return 0;
  }
  if (values.write && values.quick)
    throw new UsageError("--write is for the whole benchmark, without --quick");
  const cores = divideCores();
  toStandardError(`${machine()}; ${cores.text}`);
  await promisify(execFile)(process.execPath, [join(scripts, "run.js"), "build"]);
  const controlPlane = await startControlPlane({
    // Nobody reads the audit log.
    apiServerArgs: ["--audit-policy-file=", "--audit-log-path="],
  });
  try {
    await controlPlane.stopControllers();
    const plan = values.quick ? quickCompanionPlan : companionPlan;
    const figures = await measureCompanions(controlPlane, plan, cores, toStandardError);
    process.stdout.write(`${birthsTable(figures)}\n${quietText(figures)}`);
    if (values.write) {
      const { kubernetesVersion } = controlPlane.address;
      const section = { figures, machine: machine(), cores: cores.text, kubernetesVersion, date: new Date() };
      await writeFile(page, withCompanions(await readFile(page, "utf8"), companionsSection(section)));
      toStandardError(`written: ${page}`);
    }
    return 0;
  } finally {
    await controlPlane.stop();
  }
}
