import { InvalidArgumentError, Option, type Command as Parser } from "commander";
import { loadConfiguration } from "../config/load.ts";
import { RingfenceError } from "../errors.ts";
import type { Settings } from "../model/settings.ts";
import { parseAddress } from "../network/address.ts";
import { configuredDnsProfile } from "../network/dns-profile.ts";
import { dnsRule } from "../network/dns-rule.ts";
import { platformDns } from "../network/dns/by-platform.ts";
import { ruleOfFlags, usualResolver } from "../network/dns/written.ts";
import { rules } from "../rules/index.ts";
import { configuredResolvers } from "../view/configured-dns.ts";
import type { NetworkPolicyEgressRule } from "../wire/network-policy.ts";
import type { Io } from "./command.ts";

/** Where the cluster's DNS is, as flags say it. */
export interface DnsFlags {
  readonly config?: string;
  readonly dnsProfile?: readonly Platform[];
  readonly to?: readonly string[];
  readonly port?: readonly number[];
}

type Platform = keyof typeof platformDns;

/** `--dns-profile`, the same wherever policies are printed. */
export function dnsProfileOption(): Option {
  const names = Object.keys(platformDns);
  return new Option(
    "--dns-profile <name>",
    `where pods resolve names: ${names.join(", ")}; may be repeated`,
  ).argParser((text, before: readonly string[] | undefined) => {
    if (!names.includes(text)) throw new InvalidArgumentError(`There are ${names.join(", ")}.`);
    return [...(before ?? []), text];
  });
}

/** `--to` and `--port`: resolvers of one's own, or those that a platform has besides. */
export function addResolverOptions(parser: Parser): Parser {
  return parser
    .option(
      "--to <peer>",
      "a resolver, as 169.254.20.10 or NAMESPACE/LABEL=VALUE of its pods; may be repeated; where nothing else is said " +
        usualResolver,
      peer,
    )
    .option("--port <number>", "a port on which resolvers answer; may be repeated; without it 53", port);
}

/** The rule for the resolvers that flags or configuration name; for kube-dns where they name none. RF_ERR_USAGE. */
export function dnsRuleOf({ config, ...flags }: DnsFlags, io: Io): NetworkPolicyEgressRule | undefined {
  if (config === undefined) return ruleOfPlatforms(flags, io);
  if (Object.keys(flags).length > 0) {
    throw usage("--config names resolvers and ports; give it, or --dns-profile, --to and --port");
  }
  return configuredDnsRule(loadConfiguration(config, rules));
}

/** Of the resolvers that configuration names; of kube-dns where it names none. */
export function configuredDnsRule({ dns }: Settings): NetworkPolicyEgressRule | undefined {
  const resolvers = configuredResolvers(dns, undefined);
  return resolvers === undefined ? ruleOfFlags({}) : dnsRule(configuredDnsProfile(resolvers));
}

/** The rule of the platforms and what `--to` and `--port` name besides; what it cannot know is said on stderr. */
function ruleOfPlatforms(
  { dnsProfile: names = [], to, port: ports }: Omit<DnsFlags, "config">,
  io: Io,
): NetworkPolicyEgressRule {
  if (names.length === 0) return ruleOfFlags({ to, ports });
  for (const name of names) {
    const { besides } = platformDns[name];
    if (besides === undefined || to !== undefined) continue;
    if (besides.always) throw usage(`--dns-profile ${name} needs ${besides.what}; give it with --to`);
    io.stderr(`${name}: give with --to ${besides.what}: only the cluster knows it\n`);
  }
  const platforms = names.map((name) => platformDns[name]);
  return ruleOfFlags({
    to: [...new Set([...platforms.flatMap((platform) => platform.to), ...(to ?? [])])],
    ports: [...new Set([...platforms.flatMap((platform) => platform.ports), ...(ports ?? [])])],
  });
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

function usage(text: string): RingfenceError {
  return new RingfenceError("RF_ERR_USAGE", `${text}\nSee ringfence generate --help`);
}
