import { Command as Parser, InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { loadConfiguration } from "../config/load.ts";
import type { Flaw } from "../document/strict-yaml.ts";
import { defaultSettings } from "../config/settings.ts";
import { RingfenceError } from "../errors.ts";
import { intentAnnotation } from "../intent/read.ts";
import { parseAddress } from "../network/address.ts";
import { ruleOfFlags, usualResolver } from "../network/dns/written.ts";
import { rules } from "../rules/index.ts";
import type { NetworkPolicy, NetworkPolicyEgressRule } from "../wire/network-policy.ts";
import { parseArguments, type Command, type Io } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { configuredDnsRule, declaredIn, intentOf, printPolicies, read } from "./generate-intent.ts";

interface DnsFlags {
  readonly namespace?: string;
  readonly config?: string;
  readonly to?: readonly string[];
  readonly port?: readonly number[];
}

/** What is asked for besides `dns`: the policies of intents. */
interface IntentFlags {
  readonly filename?: readonly string[];
  readonly intent?: string;
  readonly namespace?: string;
  readonly config?: string;
}

/**
 * `ringfence generate`: prints the policies that the intents of namespaces need. `ringfence generate dns`: the one that
 * lets all pods of a namespace ask the cluster's DNS.
 */
export const generate: Command = {
  run: (args, io) => {
    const chosen: { dns?: DnsFlags; intent?: IntentFlags } = {};
    const parser = new Parser("generate")
      .description(
        "Print NetworkPolicies, ready for kubectl apply -f -: those that a namespace's intent needs, or with dns the one for DNS.",
      )
      .helpCommand(false)
      .enablePositionalOptions()
      .option(
        "-f, --filename <file>",
        `Namespaces with the annotation ${intentAnnotation}; - reads standard input; may be repeated`,
        another,
      )
      .option("--intent <file>", "an intent by itself, for the namespace of -n; - reads standard input")
      .option("-n, --namespace <name>", "the namespace of --intent", namespaceName)
      .option("--config <file>", "a RingfenceConfiguration: whom intents mean, and where DNS is")
      .argument("[what]")
      .action((what: string | undefined, flags: IntentFlags) => {
        if (what !== undefined) throw nothingCalled(what);
        chosen.intent = flags;
      });
    parser
      .command("dns")
      .description("A NetworkPolicy that lets all pods of a namespace ask the cluster's DNS.")
      .option("-n, --namespace <name>", "the policy's namespace; without it that of kubectl", namespaceName)
      .option("--config <file>", "a RingfenceConfiguration that names the resolvers")
      .option(
        "--to <peer>",
        "a resolver, as 169.254.20.10 or NAMESPACE/LABEL=VALUE of its pods; may be repeated; without --to and --config " +
          usualResolver,
        peer,
      )
      .option("--port <number>", "a port on which resolvers answer; may be repeated; without it 53", port)
      .action((flags: DnsFlags) => {
        chosen.dns = flags;
      });
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return Promise.resolve(done);
    if (chosen.dns === undefined) printIntents(chosen.intent ?? {}, io);
    else io.stdout(stringify(dnsPolicy(chosen.dns.namespace, ruleOf(chosen.dns)), { lineWidth: 0 }));
    return Promise.resolve(exitCodes.clean);
  },
};

function nothingCalled(what: string): RingfenceError {
  return usage(
    `there is nothing called ${JSON.stringify(what)} to generate; there is dns, and -f FILE for intents`,
  );
}

function printIntents({ filename, intent, namespace, config }: IntentFlags, io: Io): void {
  const settings = config === undefined ? defaultSettings(rules) : loadConfiguration(config, rules);
  if (filename !== undefined) {
    if (intent !== undefined || namespace !== undefined) {
      throw usage("-f names the Namespaces and their intents; leave out --intent and -n");
    }
    printPolicies(declaredIn(filename), settings, io);
    return;
  }
  if (intent === undefined)
    throw usage("say what to generate: dns, -f FILE with Namespaces, or --intent FILE");
  if (namespace === undefined) throw usage("--intent needs the namespace that it is of; give -n NAMESPACE");
  const where = ({ line, column }: Flaw): string => `${intent}:${line}:${column}`;
  printPolicies([{ name: namespace, labels: {}, intent: intentOf(read(intent), where) }], settings, io);
}

function usage(text: string): RingfenceError {
  return new RingfenceError("RF_ERR_USAGE", `${text}\nSee ringfence generate --help`);
}

/** The rule for the resolvers that flags or configuration name; for kube-dns where they name none. */
function ruleOf({ config, to, port: ports }: DnsFlags): NetworkPolicyEgressRule | undefined {
  if (config !== undefined && (to !== undefined || ports !== undefined)) {
    throw new RingfenceError(
      "RF_ERR_USAGE",
      "--config names resolvers and ports; give it, or --to and --port",
    );
  }
  return config === undefined
    ? ruleOfFlags({ to, ports })
    : configuredDnsRule(loadConfiguration(config, rules));
}

function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("Write the name of a namespace.");
}

function another(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}

const peerPattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/([\w./-]+=[\w.-]*(,[\w./-]+=[\w.-]*)*)?$/;

function peer(text: string, before: readonly string[] = []): readonly string[] {
  if (parseAddress(text) !== undefined || peerPattern.test(text)) return [...before, text];
  throw new InvalidArgumentError("Write an address, or NAMESPACE/LABEL=VALUE.");
}

function port(text: string, before: readonly number[] = []): readonly number[] {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 65_535) return [...before, number];
  throw new InvalidArgumentError("Write a number from 1 to 65535.");
}

/** The policy `allow-dns` for all pods; without a namespace it goes where kubectl applies it. */
export function dnsPolicy(
  namespace: string | undefined,
  rule: NetworkPolicyEgressRule | undefined,
): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-dns", ...(namespace !== undefined && { namespace }) },
    spec: { podSelector: {}, policyTypes: ["Egress"], egress: rule === undefined ? [] : [rule] },
  };
}
