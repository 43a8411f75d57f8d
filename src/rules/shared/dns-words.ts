// How messages speak of the cluster's resolvers, and of what to write for them.

import type { DnsProfile, DnsResolver } from "../../network/dns-profile.ts";
import { describeResolver, dnsRule, resolverPeers } from "../../network/dns-rule.ts";
import { generateFlags, peersInShort, peersText } from "../../network/dns/written.ts";

/** The parts of messages that speak of some resolvers. */
export interface ResolverWords {
  readonly [placeholder: string]: string;
  /** Who answers, and on which ports. */
  readonly resolver: string;
  readonly name: string;
  /** Their peers as YAML has them. */
  readonly peers: string;
  /** The same in short. */
  readonly to: string;
  /** The flags that have `ringfence generate dns` print the rule of this cluster, with a blank before. */
  readonly flags: string;
}

/** Gives the words for resolvers of the profile; made once each, since a namespace may have hundreds of findings. */
export function resolverWords(profile: DnsProfile): (resolvers: readonly DnsResolver[]) => ResolverWords {
  const rule = dnsRule(profile);
  const flags = (rule && generateFlags(rule)) ?? "";
  const made = new Map<string, ResolverWords>();
  return (resolvers) => {
    const name = resolvers.map((each) => each.name).join(", ");
    const standing = made.get(name);
    if (standing !== undefined) return standing;
    const peers = resolvers.flatMap(resolverPeers);
    const words = {
      resolver: resolvers.map(describeResolver).join("; "),
      name,
      peers: peersText(peers),
      to: peersInShort(peers),
      flags,
    };
    made.set(name, words);
    return words;
  };
}
