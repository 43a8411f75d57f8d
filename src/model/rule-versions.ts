import { versionRank, type Version } from "./profile.ts";
import type { Rule } from "./rule.ts";

/** Whether a rule's behaviour is that of its id at this version. */
export function holdsAt({ since, until }: Pick<Rule, "since" | "until">, version: Version): boolean {
  const rank = versionRank(version);
  return rank >= versionRank(since) && (until === undefined || rank < versionRank(until));
}

/** Each rule once, with its newest behaviour: what is listed, described and configured. */
export function newestOf(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(({ until }) => until === undefined);
}

/** The versions that brought a behaviour of this id, oldest first. */
export function versionsOf(id: string, rules: readonly Rule[]): readonly Rule["since"][] {
  const own = rules.filter((rule) => rule.id === id).map(({ since }) => since);
  return own.sort((a, b) => versionRank(a) - versionRank(b));
}
