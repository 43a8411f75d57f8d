// npm run test:abuse: hostile and clumsy clients against a real server.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { growthOf, type Growth } from "../test/abuse/growth.ts";
import { watchHeap } from "../test/abuse/heap.ts";
import { draw, type Stage } from "../test/abuse/scenarios.ts";
import { fillCluster, namespaceName } from "../test/bench/cluster.ts";
import { bundle, imageNodeOptions, imageVariables } from "../test/bench/servers.ts";
import { usageOf } from "../test/bench/usage.ts";
import { startControlPlane, type ControlPlane } from "../test/control-plane/control-plane.ts";
import { freePorts } from "../test/control-plane/ports.ts";
import { toStandardError } from "../test/control-plane/progress.ts";
import { startRingfence, type Ringfence } from "../test/control-plane/ringfence.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run test:abuse -- [--seconds N] [--connections N]

Lets clients loose on the built server, started as the image starts it, beside a real kube-apiserver: reviews of mixed
sizes, bad JSON, wrong paths, methods and content types, half-sent bodies, slow clients, huge headers, deep nesting,
pipelined requests, bytes that are no HTTP, connections dropped at any moment. Every 10 s it prints how much was asked
and answered, how many answers were wrong, and the server's memory. Linux only.

  --seconds N       how long (60)
  --connections N   how many clients at once (200)

Exits 1 on a wrong answer, where the server ends, or where what it holds after a collection of garbage grows: when its
median in the last third is above that of the middle third by more than 4 MiB and 5 %.
`;

const reportEvery = 10_000;

interface Counts {
  asked: number;
  answered: number;
  wrong: number;
  /** What was wrong, each kind once with its first case. */
  readonly faults: Map<string, string>;
}

await runScript(help, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "60" },
      connections: { type: "string", default: "200" },
    },
  });
  const seconds = positive("--seconds", values.seconds);
  const connections = positive("--connections", values.connections);
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, "run.js"), "build"]);
  const controlPlane = await startControlPlane({
    apiServerArgs: ["--disable-admission-plugins=ServiceAccount"],
  });
  try {
    await controlPlane.stopControllers();
    await fillCluster(controlPlane.api.admin, { id: "a", namespaces: 1 }, toStandardError);
    return await abuse(controlPlane, seconds, connections);
  } finally {
    await controlPlane.stop();
  }
});

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new UsageError(`${flag} needs a number above 0, not ${text}`);
  return number;
}

async function abuse(controlPlane: ControlPlane, seconds: number, connections: number): Promise<number> {
  const [inspectPort = 0] = await freePorts(1);
  const inspect = `--inspect=127.0.0.1:${inspectPort}`;
  const ringfence = await startRingfence(controlPlane, {
    command: ["env", ...imageVariables(), process.execPath, ...imageNodeOptions(), inspect, bundle],
    register: false,
  });
  try {
    const counts: Counts = { asked: 0, answered: 0, wrong: 0, faults: new Map() };
    const until = Date.now() + seconds * 1000;
    const clients = Array.from({ length: connections }, () => client(stageOf(ringfence, counts), until));
    const held = await watch(ringfence, inspectPort, counts, until);
    await Promise.all(clients);
    const alive = await isAlive(ringfence);
    return conclude(counts, held === undefined ? undefined : growthOf(held), alive);
  } finally {
    await ringfence.stop();
  }
}

function stageOf(ringfence: Ringfence, counts: Counts): Stage {
  const { url, authorityPem } = ringfence.address;
  return {
    target: { port: Number(new URL(url).port), authorityPem },
    namespace: namespaceName(0),
    tally: {
      asked: (count) => (counts.asked += count),
      answered: (count) => (counts.answered += count),
      wrong: (what) => {
        counts.wrong += 1;
        const kind = what.slice(0, what.indexOf(":"));
        if (!counts.faults.has(kind)) counts.faults.set(kind, what);
      },
    },
  };
}

/** One client after the other on the same place, until the time is over. */
async function client(stage: Stage, until: number): Promise<void> {
  while (Date.now() < until) {
    const scenario = draw(Math.random);
    try {
      await scenario.run(stage);
    } catch (error) {
      stage.tally.wrong(`${scenario.name}: ${error instanceof Error ? error.message : String(error)}`);
      // A server that is gone refuses at once.
      await sleep(100);
    }
  }
}

/** Samples the heap and prints a line now and then; undefined where the server ended. */
async function watch(
  ringfence: Ringfence,
  inspectPort: number,
  counts: Counts,
  until: number,
): Promise<number[] | undefined> {
  const heap = await watchHeap(inspectPort);
  const start = Date.now();
  const held: number[] = [];
  let reported = 0;
  try {
    while (Date.now() < until) {
      await sleep(Math.min(reportEvery / 4, Math.max(until - Date.now(), 1)));
      held.push(await heap.used());
      if (Date.now() - start - reported < reportEvery && Date.now() < until) continue;
      reported = Date.now() - start;
      const { rssMiB } = await usageOf(ringfence.pid());
      process.stdout.write(
        `${String(Math.round(reported / 1000)).padStart(4)} s  asked ${counts.asked}  answered ${counts.answered}  ` +
          `wrong ${counts.wrong}  RSS ${rssMiB.toFixed(0)} MiB  held ${held.at(-1)?.toFixed(1) ?? "?"} MiB\n`,
      );
    }
    return held;
  } catch {
    // No inspector, no /proc entry any more: the process is gone.
    return undefined;
  } finally {
    heap.close();
  }
}

async function isAlive({ address }: Ringfence): Promise<boolean> {
  try {
    return (await fetch(`${address.healthUrl}/readyz`)).ok;
  } catch {
    return false;
  }
}

function conclude({ wrong, faults }: Counts, growth: Growth | undefined, alive: boolean): number {
  for (const fault of faults.values()) process.stdout.write(`wrong: ${fault}\n`);
  if (!alive) process.stdout.write("failed: the server ended or is not ready any more\n");
  if (growth !== undefined) {
    const figures = `${growth.middle.toFixed(1)} MiB in the middle third, ${growth.last.toFixed(1)} MiB in the last`;
    process.stdout.write(
      `${growth.grows ? "failed: it grows: " : ""}held after garbage collection: ${figures}\n`,
    );
  }
  const passed = wrong === 0 && alive && growth?.grows !== true;
  process.stdout.write(passed ? "passed\n" : "failed\n");
  return passed ? 0 : 1;
}
