import { readFileSync } from "node:fs";
import { isMap, isScalar, LineCounter, parseAllDocuments, stringify } from "yaml";
import type { Flaw } from "../document/strict-yaml.ts";
import { RingfenceError } from "../errors.ts";
import { desired } from "../intent/desired.ts";
import { intentAnnotation, readIntent } from "../intent/read.ts";
import type { Intent } from "../intent/keys.ts";
import type { Settings } from "../model/settings.ts";
import { dnsRule } from "../network/dns-rule.ts";
import { configuredDnsProfile } from "../network/dns-profile.ts";
import { ruleOfFlags } from "../network/dns/written.ts";
import { labelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { configuredResolvers } from "../view/configured-dns.ts";
import { surroundingsOf } from "../view/surroundings.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import type { Io } from "./command.ts";

/** A namespace and what it declares. */
interface Declared {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly intent: Intent;
}

/** The intents of the Namespaces in a file, `-` for standard input. RF_ERR_USAGE with every fault by line and column. */
export function declaredIn(file: string): readonly Declared[] {
  const documents = namespacesIn(file === "-" ? 0 : file, file);
  if (documents.length === 0) throw usage(`${file}: holds no Namespace`);
  return documents.map(({ name, labels, text, at }) => {
    if (text === undefined) {
      throw usage(`${file}: Namespace ${name} declares nothing; give it the annotation ${intentAnnotation}`);
    }
    const lineOf = ({ line }: Flaw): string => `${file}:${line + at - 1}: Namespace ${name}`;
    return { name, labels, intent: intentOf(text, lineOf) };
  });
}

/** The intent of a text; `where` says the place of a flaw. RF_ERR_USAGE with all of them. */
export function intentOf(text: string, where: (flaw: Flaw) => string): Intent {
  const { value, flaws } = readIntent(text);
  if (flaws === undefined) return value;
  throw usage(flaws.map((flaw) => `${where(flaw)}: ${flaw.text}`).join("\n"));
}

/** Prints the policies of each namespace, and on stderr what of its intent comes to nothing. */
export function printPolicies(declared: readonly Declared[], settings: Settings, io: Io): void {
  const documents = declared.flatMap(({ name, labels, intent }) => {
    const { pieces, unmet } = desired(
      intent,
      surroundingsOf(settings, {
        namespace: { name, labels: labelSet({ ...labels, [namespaceNameLabel]: name }) },
        dns: dnsOf(settings),
      }),
    );
    for (const { key, why } of unmet) io.stderr(`${name}: ${key} opens nothing: ${why}\n`);
    return pieces.map(({ purpose, spec }) => {
      const policy: NetworkPolicy = {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: purpose, namespace: name },
        spec,
      };
      return stringify(policy, { lineWidth: 0, aliasDuplicateObjects: false });
    });
  });
  io.stdout(documents.join("---\n"));
}

/** Of the resolvers that configuration names; of kube-dns where it names none. */
function dnsOf({ dns }: Settings) {
  const resolvers = configuredResolvers(dns, undefined);
  return resolvers === undefined ? ruleOfFlags({}) : dnsRule(configuredDnsProfile(resolvers));
}

interface Found {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string | undefined;
  /** The line of the file in which the annotation's text begins. */
  readonly at: number;
}

function namespacesIn(source: string | number, file: string): readonly Found[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(read(source, file), { lineCounter: lines });
  const documents = "empty" in parsed ? [] : parsed;
  return documents.flatMap((document): Found[] => {
    const [error] = document.errors;
    if (error !== undefined) throw usage(`${file}: ${error.message}`);
    if (!isMap(document.contents) || document.get("kind") !== "Namespace") return [];
    const name: unknown = document.getIn(["metadata", "name"]);
    if (typeof name !== "string") throw usage(`${file}: a Namespace has no name`);
    const { metadata = {} } = document.toJS() as { metadata?: { labels?: Record<string, string> } };
    const annotation: unknown = document.getIn(["metadata", "annotations", intentAnnotation], true);
    if (!isScalar(annotation)) return [{ name, labels: metadata.labels ?? {}, text: undefined, at: 1 }];
    const begin = lines.linePos(annotation.range?.[0] ?? 0).line;
    // A block begins in the line below its mark.
    const at = annotation.type?.startsWith("BLOCK") === true ? begin + 1 : begin;
    return [{ name, labels: metadata.labels ?? {}, text: String(annotation.value), at }];
  });
}

/** The text of a file, or of standard input. */
export function read(source: string | number, name: string): string {
  try {
    return readFileSync(source, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RingfenceError("RF_ERR_USAGE", `${name}: cannot be read: ${why}`, { cause });
  }
}

function usage(text: string): RingfenceError {
  return new RingfenceError("RF_ERR_USAGE", text);
}
