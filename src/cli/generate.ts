import { Command as Parser, InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { loadConfiguration } from "../config/load.ts";
import { RingfenceError } from "../errors.ts";
import type { Settings } from "../model/settings.ts";
import { configuredDnsProfile, type ConfiguredResolver } from "../network/dns-profile.ts";
import { dnsRule } from "../network/dns-rule.ts";
import { labelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { rules } from "../rules/index.ts";
import { configuredResolvers } from "../view/configured-dns.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { parseArguments, type Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";

/** `ringfence generate dns`: prints the policy that lets all pods of a namespace ask the cluster's DNS. */
export const generate: Command = {
  run: (args, io) => {
    const flags: { dns?: { namespace?: string; config?: string } } = {};
    const parser = new Parser("generate")
      .description("Print manifests, ready for kubectl apply -f -.")
      .helpCommand(false)
      // Without a subcommand it is for us to say what is missing.
      .action(() => undefined);
    parser
      .command("dns")
      .description("A NetworkPolicy that lets all pods of a namespace ask the cluster's DNS.")
      .option("-n, --namespace <name>", "the policy's namespace; without it that of kubectl", namespaceName)
      .option(
        "--config <file>",
        "a RingfenceConfiguration that names the resolvers; without it kube-system/kube-dns",
      )
      .action((options: { namespace?: string; config?: string }) => {
        flags.dns = options;
      });
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return Promise.resolve(done);
    if (flags.dns === undefined) {
      throw new RingfenceError("RF_ERR_USAGE", "say what to generate: dns\nSee ringfence generate --help");
    }
    const { namespace, config } = flags.dns;
    const dns = config === undefined ? undefined : loadConfiguration(config, rules).dns;
    io.stdout(stringify(dnsPolicy(namespace, dns), { lineWidth: 0 }));
    return Promise.resolve(exitCodes.clean);
  },
};

function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("Write the name of a namespace.");
}

/** kube-dns as kubeadm and nearly everybody else installs it; CoreDNS bears the same label. */
const kubeDns: ConfiguredResolver = {
  name: "kube-system/kube-dns",
  namespace: "kube-system",
  namespaceLabels: labelSet({ [namespaceNameLabel]: "kube-system" }),
  podLabels: labelSet({ "k8s-app": "kube-dns" }),
};

/** The policy `allow-dns` for all pods; without a namespace it goes where kubectl applies it. */
export function dnsPolicy(namespace: string | undefined, dns: Settings["dns"]): NetworkPolicy {
  const rule = dnsRule(configuredDnsProfile(configuredResolvers(dns, undefined) ?? [kubeDns]));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-dns", ...(namespace !== undefined && { namespace }) },
    spec: { podSelector: {}, policyTypes: ["Egress"], egress: rule === undefined ? [] : [rule] },
  };
}
