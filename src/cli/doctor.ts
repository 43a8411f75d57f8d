import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { Command as Parser, Option } from "commander";
import { checkCni } from "../doctor/cni.ts";
import type { Report } from "../doctor/report.ts";
import { RingfenceError } from "../errors.ts";
import { createClient } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/connection.ts";
import { readClusterFacts } from "../kubernetes/facts.ts";
import type { ClusterFacts } from "../wire/cluster-facts.ts";
import { parseArguments, type Command } from "./command.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";

interface Check {
  readonly description: string;
  readonly run: (facts: ClusterFacts) => Report;
}

/** What can be looked into, by the name of the subcommand. */
const checks: ReadonlyMap<string, Check> = new Map([
  [
    "cni",
    {
      description: "Whether NetworkPolicies are enforced in this cluster at all, and by what.",
      run: checkCni,
    },
  ],
]);

interface Flags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly format: "text" | "json";
}

/** Milliseconds that the API server may keep us waiting. */
const answerTimeout = 10_000;

/** `ringfence doctor CHECK`: reads the cluster's own objects and says what is wrong with it. */
export const doctor: Command = {
  run: async (args, io) => {
    const chosen: { check?: Check; flags?: Flags } = {};
    const parser = new Parser("doctor")
      .description("Look into a cluster. Only reads.")
      .helpCommand(false)
      .action(() => undefined);
    for (const [name, check] of checks) {
      parser
        .command(name)
        .description(check.description)
        .option(
          "--kubeconfig <file>",
          "how to reach the cluster; without it as kubectl does, or the pod's account",
        )
        .option("--context <name>", "a context of the kubeconfig other than its current one")
        .addOption(
          new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"),
        )
        .action((flags: Flags) => void Object.assign(chosen, { check, flags }));
    }
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return done;
    const { check, flags } = chosen;
    if (check === undefined || flags === undefined) {
      const names = [...checks.keys()].join(", ");
      throw new RingfenceError(
        "RF_ERR_USAGE",
        `say what to look into: ${names}\nSee ringfence doctor --help`,
      );
    }
    const report = check.run(await read(flags));
    const { check: name, data, text } = report;
    if (flags.format === "json")
      io.stdout(`${JSON.stringify({ schemaVersion: 1, check: name, ...data }, undefined, 2)}\n`);
    else io.stdout(text);
    return codes[report.outcome];
  },
};

/** What could not be told is no finding: the command could not do what it was asked. */
const codes: Readonly<Record<Report["outcome"], ExitCode>> = {
  good: exitCodes.clean,
  bad: exitCodes.findings,
  unknown: exitCodes.failed,
};

async function read(flags: Flags): Promise<ClusterFacts> {
  const kubeconfig = flags.kubeconfig ?? usualKubeconfig();
  const client = createClient(await connect({ kubeconfig, context: flags.context }), { answerTimeout });
  try {
    return reached(await readClusterFacts(client, new AbortController().signal));
  } finally {
    client.close();
  }
}

/** A cluster that answers nothing is another matter than one that answers too little. */
function reached(facts: ClusterFacts): ClusterFacts {
  const { apiGroups, daemonSets, nodes } = facts;
  if (apiGroups.state !== "failed" || daemonSets.state !== "failed" || nodes.state !== "failed") return facts;
  throw new RingfenceError(
    "RF_ERR_KUBECONFIG",
    `the cluster cannot be read: ${daemonSets.problem}\nSee whether kubectl can, with the same kubeconfig and context.`,
  );
}

/** The file that kubectl would take; of several named in KUBECONFIG the first. */
function usualKubeconfig(): string | undefined {
  const named = process.env["KUBECONFIG"]?.split(delimiter).find((file) => file !== "");
  if (named !== undefined) return named;
  const home = join(homedir(), ".kube", "config");
  return existsSync(home) ? home : undefined;
}
