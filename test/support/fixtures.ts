import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { apiVersion, configurationSchema, kind } from "#src/config/schema.ts";
import { settingsOf } from "#src/config/settings.ts";
import { formatPath } from "#src/model/finding.ts";
import type { Settings } from "#src/model/settings.ts";
import type { Operation, User } from "#src/model/subject.ts";
import type { Verdict } from "#src/model/verdict.ts";
import { rules } from "#src/rules/index.ts";
import { type KubernetesObject, parseObjects, readObjects } from "./objects.ts";

export const fixturesDirectory = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** What stands under every fixture. */
export const cluster: readonly KubernetesObject[] = readObjects(join(fixturesDirectory, "cluster.yaml"));

/** `or-ed-selectors at spec.egress[0].to`, sorted. */
export type FindingTexts = readonly string[];

/** A case of one file, as test/fixtures/rules/README.md describes it. */
export interface Fixture {
  readonly name: string;
  /** The leading comment without its directives. */
  readonly words: string;
  readonly denied: FindingTexts;
  readonly warned: FindingTexts;
  readonly audited: FindingTexts;
  readonly operation: Operation;
  readonly user: User;
  readonly dryRun: boolean;
  readonly settings: Settings;
  /** A recorded cluster in test/fixtures/facts. */
  readonly facts: string | undefined;
  readonly objects: readonly KubernetesObject[];
}

const directives = [
  "expect",
  "warns",
  "audits",
  "operation",
  "user",
  "groups",
  "options",
  "settings",
  "dry-run",
  "facts",
] as const;
type Directive = (typeof directives)[number];

/** Reads a fixture of the rule; throws where it is not as the README says. */
export function readFixture(path: string, rule: string): Fixture {
  return parseFixture(readFileSync(path, "utf8"), { name: basename(path, ".yaml"), rule });
}

/** Reads the text of a fixture; `rule` is the one that `options` are for. */
export function parseFixture(text: string, { name, rule }: { name: string; rule: string }): Fixture {
  const { words, given } = readComment(text, name);
  const one = (directive: Directive): string | undefined => given.get(directive)?.[0];
  const operation = one("operation") ?? "CREATE";
  if (operation !== "CREATE" && operation !== "UPDATE" && operation !== "DELETE") {
    throw new Error(`${name}: operation ${operation} is none`);
  }
  return {
    name,
    words,
    denied: sorted(given.get("expect")),
    warned: sorted(given.get("warns")),
    audited: sorted(given.get("audits")),
    operation,
    user: { name: one("user") ?? "tom", groups: (one("groups") ?? "devs").split(/,\s*/) },
    dryRun: one("dry-run") === "true",
    settings: settingsFrom(one("settings"), one("options"), rule),
    facts: one("facts"),
    objects: parseObjects(text, name),
  };
}

function readComment(text: string, name: string) {
  const words: string[] = [];
  const given = new Map<Directive, string[]>();
  for (const line of text.split("\n")) {
    if (!line.startsWith("#")) break;
    const [, key, value] = /^# ([a-z-]+): +(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      words.push(line.slice(1).trim());
      continue;
    }
    const directive = directives.find((known) => known === key);
    if (directive === undefined) throw new Error(`${name}: ${key} is no directive: ${directives.join(", ")}`);
    given.set(directive, [...(given.get(directive) ?? []), value]);
  }
  return { words: words.join(" "), given };
}

function settingsFrom(settings: string | undefined, options: string | undefined, rule: string): Settings {
  const section = settings === undefined ? {} : (parse(settings) as Record<string, unknown>);
  const ofRules = options === undefined ? {} : { rules: { [rule]: parse(options) as unknown } };
  const input = { apiVersion, kind, curableHold: "0s", ...section, ...ofRules };
  return settingsOf(configurationSchema(rules).parse(input));
}

function sorted(lines: readonly string[] = []): FindingTexts {
  return [...lines].sort();
}

/** The findings of a verdict that come to this effect, as the directives name them. */
export function findingsOf(verdict: Verdict, effect: "deny" | "warn" | "audit"): FindingTexts {
  return verdict.findings
    .filter((judged) => judged.effect === effect)
    .map(({ rule, finding }) => {
      const path = formatPath(finding.path);
      return path === "" ? rule.id : `${rule.id} at ${path}`;
    })
    .sort();
}

/** The YAML files of a folder below test/fixtures; none where the folder is absent. */
export function filesIn(...folder: readonly string[]): string[] {
  const path = join(fixturesDirectory, ...folder);
  return entries(path)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => join(path, file));
}

/** The names in a directory, sorted; none where it is absent. */
export function entries(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
