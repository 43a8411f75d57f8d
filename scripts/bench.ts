// npm run bench: what a review costs, beside a server that only parses it. See docs/reference/performance.md.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { fillCluster, type ClusterSize } from "../test/bench/cluster.ts";
import { companionsOf, withCompanions } from "../test/bench/companions-page.ts";
import { divideCores, type Cores } from "../test/bench/cores.ts";
import { goals, type Measured } from "../test/bench/goals.ts";
import { emptyHard, fillHard } from "../test/bench/hard-cluster.ts";
import { measureHard, type HardResult } from "../test/bench/hard-rounds.ts";
import { machine, performancePage } from "../test/bench/page.ts";
import { makePlan, type Plan } from "../test/bench/plan.ts";
import { measureRounds, type Side } from "../test/bench/rounds.ts";
import { startServers } from "../test/bench/servers.ts";
import { measureStartUp, type StartUp } from "../test/bench/start-up.ts";
import { figuresTable, goalsTable, hardTable } from "../test/bench/tables.ts";
import { usageOf } from "../test/bench/usage.ts";
import { vegetaProgram } from "../test/bench/vegeta.ts";
import { startControlPlane, type ControlPlane } from "../test/control-plane/control-plane.ts";
import { toStandardError } from "../test/control-plane/progress.ts";
import { benchCompanions, companionsHelp } from "./bench/companions.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run bench -- [--quick] [--only TEXT]… [--write] [--profile FOLDER]
       npm run bench companions -- [--quick] [--write]

Measures the built bundle as the image starts it, beside a bare node:https server: requests/s, CPU time per request, p50,
p99 and memory, in a cluster of 10 namespaces and in one of 5 000 namespaces with 20 000 policies and 50 000 pods, both
behind a real kube-apiserver; and reviews that are hard to judge. About half an hour; progress on standard error, the tables on standard output.

  --quick            one short round, 200 namespaces in the larger cluster: a few minutes
  --only TEXT        only what has TEXT in its name: CLUSTER/SIZE/OUTCOME/LOAD as in b/40KB/denied/paced, startup,
                     or hard/CASE (policies, pods, peers, search, ports, values)
  --write            write docs/reference/performance.md
  --profile FOLDER   write a CPU profile of Ringfence for each cluster

${companionsHelp}`;

const page = join(import.meta.dirname, "../docs/reference/performance.md");
const startUpTimes = 21;

await runScript(help, async (args) => {
  if (!existsSync("/proc/self/stat"))
    throw new Error("The benchmark reads CPU times from /proc: it needs Linux.");
  const [first, ...others] = args;
  if (first === "companions") return await benchCompanions(others, page);
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      write: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  if (values.write && (values.quick || values.only.length > 0)) {
    throw new UsageError("--write is for the whole benchmark, without --quick and --only");
  }
  const plan = makePlan({ quick: values.quick, only: values.only });
  if (plan.clusters.length === 0) throw new UsageError(`nothing is called ${values.only.join(" or ")}`);
  const cores = divideCores();
  toStandardError(`${machine()}; ${cores.text}`);
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, "run.js"), "build"]);
  const vegeta = await vegetaProgram(toStandardError);
  const { measured, kubernetesVersion } = await measureAll({ plan, cores, vegeta, profile: values.profile });
  const reached = goals(measured);
  const { results, hard = [] } = measured;
  const tables = [
    ...(results.length === 0 ? [] : [figuresTable(results)]),
    ...(hard.length === 0 ? [] : [hardTable(hard)]),
    goalsTable(reached),
  ];
  process.stdout.write(tables.join("\n"));
  if (values.write) {
    await mkdir(join(page, ".."), { recursive: true });
    const options = { measured, plan, kubernetesVersion, cores: cores.text, date: new Date() };
    const companions = existsSync(page) ? companionsOf(await readFile(page, "utf8")) : undefined;
    const text = performancePage(options);
    await writeFile(page, companions === undefined ? text : withCompanions(text, companions));
    toStandardError(`written: ${page}`);
  }
  return 0;
});

interface Options {
  readonly plan: Plan;
  readonly cores: Cores;
  readonly vegeta: string;
  readonly profile: string | undefined;
}

/** A control plane for each cluster, so that the same is measured in both within seconds. */
async function measureAll(
  options: Options,
): Promise<{ readonly measured: Measured; readonly kubernetesVersion: string }> {
  const { plan, cores } = options;
  await using stack = new AsyncDisposableStack();
  const clusters: { size: ClusterSize; controlPlane: ControlPlane }[] = [];
  let startUp: StartUp | undefined;
  for (const size of plan.clusters) {
    const controlPlane = await startBenchControlPlane();
    stack.defer(() => controlPlane.stop());
    clusters.push({ size, controlPlane });
    await controlPlane.stopControllers();
    await fillCluster(controlPlane.api.admin, size, toStandardError);
    if (plan.startUp && size.id === "a") {
      toStandardError("startup");
      startUp = await measureStartUp(controlPlane, cores, startUpTimes);
    }
  }
  const [first] = clusters;
  if (first === undefined) throw new Error("nothing is planned");
  const sides = await measureSides(clusters, first.controlPlane.address.directory, options);
  const hard = await measureHardCases(first.controlPlane, options);
  const { kubernetesVersion } = first.controlPlane.address;
  return { measured: { ...sides, startUp, hard }, kubernetesVersion };
}

/** Pods need no service account, and nobody reads the audit log. */
async function startBenchControlPlane(): Promise<ControlPlane> {
  return await startControlPlane({
    apiServerArgs: [
      "--disable-admission-plugins=ServiceAccount",
      "--audit-policy-file=",
      "--audit-log-path=",
    ],
  });
}

async function measureSides(
  clusters: readonly { readonly size: ClusterSize; readonly controlPlane: ControlPlane }[],
  directory: string,
  { plan, cores, vegeta, profile }: Options,
): Promise<Pick<Measured, "results" | "peakRss">> {
  await using stack = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const { size, controlPlane } of clusters) {
    if (!plan.measurements.some(({ cluster }) => cluster === size.id)) continue;
    const servers = await startServers(controlPlane, { cores, profileDirectory: profile });
    stack.defer(() => servers.stop());
    sides.push({ size, servers });
  }
  const results = await measureRounds({ plan, sides, cores, vegeta, directory, progress: toStandardError });
  const peakRss = [];
  for (const { size, servers } of sides) {
    const { peakRssMiB } = await usageOf(servers.ringfence.pid);
    peakRss.push({ cluster: size.id, peakMiB: peakRssMiB });
  }
  return { results, peakRss };
}

/** The namespaces of the hard cases stand only while these are measured: they are in no figure of another kind. */
async function measureHardCases(
  controlPlane: ControlPlane,
  { plan, cores, vegeta, profile }: Options,
): Promise<HardResult[]> {
  if (plan.hard.length === 0) return [];
  const { admin } = controlPlane.api;
  await fillHard(admin, plan.hard, toStandardError);
  const servers = await startServers(controlPlane, { cores, profileDirectory: profile });
  try {
    const { directory } = controlPlane.address;
    return await measureHard({ plan, servers, cores, vegeta, directory, progress: toStandardError });
  } finally {
    await servers.stop();
    await emptyHard(admin, plan.hard);
  }
}
