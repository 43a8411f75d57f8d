import { Command as Parser, InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { loadConfiguration } from "../config/load.ts";
import { defaultSettings } from "../config/settings.ts";
import type { Flaw } from "../document/strict-yaml.ts";
import { RingfenceError } from "../errors.ts";
import { intentAnnotation } from "../intent/read.ts";
import { rules } from "../rules/index.ts";
import type { NetworkPolicy, NetworkPolicyEgressRule } from "../wire/network-policy.ts";
import { parseArguments, type Command, type Io } from "./command.ts";
import {
  addResolverOptions,
  configuredDnsRule,
  dnsProfileOption,
  dnsRuleOf,
  type DnsFlags,
} from "./dns-flags.ts";
import { exitCodes } from "./exit-codes.ts";
import { declaredIn, intentOf, printPolicies, read, type Declared } from "./generate-intent.ts";
import { flagOf, givenKeys, intentFlags, intentOfFlags, type GivenKeys } from "./intent-flags.ts";

/** What is asked for besides `dns`: the policies of intents. */
interface IntentSources {
  readonly filename?: readonly string[];
  readonly intent?: string;
  readonly namespace?: string;
  readonly namespaceLabel?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly dnsProfile?: DnsFlags["dnsProfile"];
}

/** Where the intents come from, flags apart. */
interface Asked {
  readonly sources: IntentSources;
  readonly keys: GivenKeys;
}

/**
 * `ringfence generate`: prints the policies that the intents of namespaces need. `ringfence generate dns`: the one that
 * lets all pods of a namespace ask the cluster's DNS.
 */
export const generate: Command = {
  run: (args, io) => {
    const chosen: { dns?: DnsFlags & { readonly namespace?: string }; intent?: Asked } = {};
    const flags = intentFlags();
    const parser = intentParser().action((sources: IntentSources) => {
      const [what] = parser.args;
      if (what !== undefined) throw nothingCalled(what);
      chosen.intent = { sources, keys: givenKeys(flags, parser) };
    });
    for (const { option } of flags) parser.addOption(option.helpGroup(groups.intent));
    parser.addHelpText("after", examples);
    addResolverOptions(
      parser
        .command("dns")
        .description("A NetworkPolicy that lets all pods of a namespace ask the cluster's DNS.")
        .option("-n, --namespace <name>", "the policy's namespace; without it that of kubectl", namespaceName)
        .option("--config <file>", "a RingfenceConfiguration that names the resolvers")
        .addOption(dnsProfileOption()),
    ).action((given: DnsFlags) => {
      chosen.dns = given;
    });
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return Promise.resolve(done);
    if (chosen.intent !== undefined) printIntents(chosen.intent, io);
    else {
      const { namespace, ...given } = chosen.dns ?? {};
      io.stdout(stringify(dnsPolicy(namespace, dnsRuleOf(given, io)), { lineWidth: 0 }));
    }
    return Promise.resolve(exitCodes.clean);
  },
};

const groups = { intent: "What the namespace needs, where neither -f nor --intent says it:" };

const examples = `
A value is written as in the annotation: --deny-all='{ingress: true}', --allow-dns=false,
--allow-egress-to-cidrs '{cidr: 10.0.5.0/24, ports: [5432/TCP]}'.
`;

function intentParser(): Parser {
  return new Parser("generate")
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
    .option("-n, --namespace <name>", "the namespace, where it is not that of a file", namespaceName)
    .option("--namespace-label <key=value>", "a label that it has, for --tenant; may be repeated", label)
    .option("--config <file>", "a RingfenceConfiguration: whom intents mean, and where DNS is")
    .addOption(dnsProfileOption())
    .allowExcessArguments();
}

function nothingCalled(what: string): RingfenceError {
  return usage(
    `there is nothing called ${JSON.stringify(what)} to generate; there is dns, and -f FILE for intents`,
  );
}

function printIntents(asked: Asked, io: Io): void {
  const { config, dnsProfile } = asked.sources;
  const settings = config === undefined ? defaultSettings(rules) : loadConfiguration(config, rules);
  if (dnsProfile !== undefined && settings.dns !== undefined) {
    throw usage(`${config ?? ""} names the resolvers; leave out --dns-profile`);
  }
  const declared = declaredBy(asked);
  const dns = dnsProfile === undefined ? configuredDnsRule(settings) : dnsRuleOf({ dnsProfile }, io);
  printPolicies(declared, { settings, dns }, io);
}

/** The namespaces and their intents, from one of the three places in which they may stand. */
function declaredBy({ sources, keys }: Asked): readonly Declared[] {
  const { filename, intent, namespace, namespaceLabel } = sources;
  const flags = [...keys.keys()].map(flagOf);
  const source = filename === undefined ? "--intent" : "-f";
  if ((filename ?? intent) !== undefined && flags.length > 0) {
    throw usage(`${source} says what is needed; leave out ${flags.join(", ")}`);
  }
  if (filename !== undefined) {
    if ((intent ?? namespace ?? namespaceLabel) !== undefined) {
      throw usage("-f names the Namespaces and their intents; leave out --intent, -n and --namespace-label");
    }
    return declaredIn(filename);
  }
  if (intent === undefined && flags.length === 0) {
    throw usage(
      "say what to generate: dns, -f FILE with Namespaces, --intent FILE, or flags such as --deny-all",
    );
  }
  if (namespace === undefined) {
    throw usage(`${flags[0] ?? source} needs the namespace that it is of; give -n NAMESPACE`);
  }
  return [
    {
      name: namespace,
      labels: namespaceLabel ?? {},
      intent: intent === undefined ? intentOfFlags(keys) : intentOfFile(intent),
    },
  ];
}

function intentOfFile(file: string): Declared["intent"] {
  return intentOf(read(file), ({ line, column }: Flaw): string => `${file}:${line}:${column}`);
}

function usage(text: string): RingfenceError {
  return new RingfenceError("RF_ERR_USAGE", `${text}\nSee ringfence generate --help`);
}

function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("Write the name of a namespace.");
}

function label(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value] = /^([\w./-]+)=([\w.-]*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("Write KEY=VALUE.");
  return Object.fromEntries([...Object.entries(before), [key, value]]);
}

function another(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
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
