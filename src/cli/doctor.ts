import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { Command as Parser } from "commander";
import { loadConfiguration } from "../config/load.ts";
import { defaultSystemNamespaces } from "../config/schema.ts";
import { checkCni } from "../doctor/cni.ts";
import { checkDns } from "../doctor/dns.ts";
import type { Report } from "../doctor/report.ts";
import { RingfenceError } from "../errors.ts";
import { createClient, type KubernetesClient } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/connection.ts";
import { readClusterFacts } from "../kubernetes/facts.ts";
import { configuredDnsProfile } from "../network/dns-profile.ts";
import { rules } from "../rules/index.ts";
import { configuredResolvers } from "../view/configured-dns.ts";
import type { ClusterFacts } from "../wire/cluster-facts.ts";
import { formatOption, parseArguments, type Command, type Format } from "./command.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readDnsProfile } from "./read-dns.ts";

interface Check {
  readonly description: string;
  /** Flags that it has besides those of all. */
  readonly flags?: readonly (readonly [flag: string, description: string])[];
  readonly run: (cluster: Cluster, flags: Flags) => Report | Promise<Report>;
}

/** A cluster that answers, and what has been read of it. */
interface Cluster {
  readonly facts: ClusterFacts;
  readonly client: KubernetesClient;
  readonly signal: AbortSignal;
}

/** What can be looked into, by the name of the subcommand. */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    "cni",
    {
      description: "Whether NetworkPolicies are enforced in this cluster at all, and by what.",
      flags: [
        [
          "--config <file>",
          "a RingfenceConfiguration; agents are believed in its systemNamespaces, instead of in the default ones",
        ],
      ],
      run: cni,
    },
  ],
  [
    "dns",
    {
      description: "Where pods of this cluster resolve names, and what a policy has to allow for that.",
      flags: [
        ["--config <file>", "a RingfenceConfiguration; resolvers that it names replace what is detected"],
      ],
      run: dns,
    },
  ],
]);

interface Flags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly format: Format;
  readonly config?: string;
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
      .allowExcessArguments()
      .action(() => undefined);
    for (const [name, check] of checks) {
      const command = parser.command(name).description(check.description);
      for (const [flag, description] of check.flags ?? []) command.option(flag, description);
      command
        .option(
          "--kubeconfig <file>",
          "how to reach the cluster; without it as kubectl does, or the pod's account",
        )
        .option("--context <name>", "a context of the kubeconfig other than its current one")
        .addOption(formatOption())
        .action((flags: Flags) => void Object.assign(chosen, { check, flags }));
    }
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return done;
    const { check, flags } = chosen;
    if (check === undefined || flags === undefined) {
      const names = [...checks.keys()].join(", ");
      const [what] = parser.args;
      const wrong =
        what === undefined ? "" : `there is nothing called ${JSON.stringify(what)} to look into; `;
      throw new RingfenceError(
        "RF_ERR_USAGE",
        `${wrong}say what to look into: ${names}\nSee ringfence doctor --help`,
      );
    }
    const report = await look(check, flags);
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

function cni({ facts }: Cluster, { config }: Flags): Report {
  const trusted =
    config === undefined
      ? new Set(defaultSystemNamespaces)
      : loadConfiguration(config, rules).systemNamespaces.names;
  return checkCni(facts, trusted);
}

async function dns({ facts, client, signal }: Cluster, { config }: Flags): Promise<Report> {
  const configured = config === undefined ? undefined : loadConfiguration(config, rules).dns;
  const detected = await readDnsProfile(client, facts, signal);
  const resolvers = configuredResolvers(configured, undefined);
  return resolvers === undefined
    ? checkDns({ profile: detected })
    : checkDns({ profile: configuredDnsProfile(resolvers), overridden: detected });
}

async function look(check: Check, flags: Flags): Promise<Report> {
  const kubeconfig = flags.kubeconfig ?? usualKubeconfig();
  const client = createClient(await connect({ kubeconfig, context: flags.context }), { answerTimeout });
  try {
    const { signal } = new AbortController();
    return await check.run({ facts: reached(await readClusterFacts(client, signal)), client, signal }, flags);
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
