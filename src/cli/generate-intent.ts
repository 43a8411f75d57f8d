import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, stringify, type YAMLMap } from "yaml";
import { whyUnreadable } from "../config/load.ts";
import type { Flaw } from "../document/strict-yaml.ts";
import { RingfenceError } from "../errors.ts";
import { desired } from "../intent/desired.ts";
import { intentAnnotation, readIntent } from "../intent/read.ts";
import type { Intent } from "../intent/keys.ts";
import type { Settings } from "../model/settings.ts";
import { labelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { configuredApiServer } from "../view/configured-api-server.ts";
import { surroundingsOf } from "../view/surroundings.ts";
import type { NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicySpec } from "../wire/network-policy.ts";
import type { Io } from "./command.ts";

/** A namespace and what it declares. */
export interface Declared {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly intent: Intent;
}

/**
 * The intents that Namespaces in files declare, `-` for standard input; those that declare none are left out. RF_ERR_USAGE
 * with every fault by its line.
 */
export function declaredIn(files: readonly string[]): readonly Declared[] {
  const all = files.flatMap((file) => namespacesIn(file).map((found) => ({ file, ...found })));
  if (all.length === 0)
    throw usage(`${files.join(", ")}: holds no Namespace; an intent by itself is read by --intent FILE`);
  const declared = all.flatMap(({ file, name, labels, text, at }): Declared[] => {
    const lineOf = ({ line }: Flaw): string => `${file}:${line + at - 1}: Namespace ${name}`;
    return text === undefined ? [] : [{ name, labels, intent: intentOf(text, lineOf) }];
  });
  if (declared.length > 0) return declared;
  const names = all.map(({ name }) => name).join(", ");
  throw usage(
    `${files.join(", ")}: no Namespace declares anything (${names}); give it the annotation ${intentAnnotation}`,
  );
}

/** The intent of a text; `where` says the place of a flaw. RF_ERR_USAGE with all of them. */
export function intentOf(text: string, where: (flaw: Flaw) => string): Intent {
  const { value, flaws } = readIntent(text);
  if (flaws === undefined) return value;
  throw usage(flaws.map((flaw) => `${where(flaw)}: ${flaw.text}`).join("\n"));
}

/** Prints the policies of each namespace, and on stderr what of its intent comes to nothing. */
export function printPolicies(
  declared: readonly Declared[],
  { settings, dns }: { readonly settings: Settings; readonly dns: NetworkPolicyEgressRule | undefined },
  io: Io,
): void {
  const documents = declared.flatMap(({ name, labels, intent }) => {
    const { pieces, unmet } = desired(
      intent,
      surroundingsOf(
        settings,
        { name, labels: labelSet({ ...labels, [namespaceNameLabel]: name }) },
        { dns, apiServer: configuredApiServer(settings.apiServer) },
      ),
    );
    if (pieces.length === 0) io.stderr(`${name}: the intent closes nothing, so that it needs no policy\n`);
    for (const { key, why } of unmet) io.stderr(`${name}: ${key} opens nothing: ${why}\n`);
    return pieces.map(({ purpose, spec }) => {
      const policy: NetworkPolicy = {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: purpose, namespace: name, labels: generatedLabel },
        spec: withoutEmptyLists(spec),
      };
      return stringify(policy, { lineWidth: 0, aliasDuplicateObjects: false });
    });
  });
  io.stdout(documents.join("---\n"));
}

/** By it `kubectl apply --prune` finds what an intent needs no more. */
const generatedLabel = { "ringfence.dev/generated-from": "intent" };

/** The API server drops empty lists: what states them differs from what is stored, each time that it is applied. */
function withoutEmptyLists({ ingress = [], egress = [], ...spec }: NetworkPolicySpec): NetworkPolicySpec {
  return { ...spec, ...(ingress.length > 0 && { ingress }), ...(egress.length > 0 && { egress }) };
}

interface Found {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string | undefined;
  /** The line of the file in which the annotation's text begins. */
  readonly at: number;
}

function namespacesIn(file: string): readonly Found[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(read(file), { lineCounter: lines });
  const documents = "empty" in parsed ? [] : parsed;
  return documents.flatMap((document): Found[] => {
    const [error] = document.errors;
    if (error !== undefined) throw usage(`${file}: ${error.message}`);
    return objectsIn(document.contents)
      .filter((object) => object.get("kind") === "Namespace")
      .map((object) => found(object, file, (offset) => lines.linePos(offset).line));
  });
}

/** The object, or those of a List, as kubectl get prints it. */
function objectsIn(node: unknown): readonly YAMLMap[] {
  if (!isMap(node)) return [];
  const items = node.get("items");
  return isSeq(items) ? items.items.filter((item) => isMap(item)) : [node];
}

function found(object: YAMLMap, file: string, lineAt: (offset: number) => number): Found {
  const name: unknown = object.getIn(["metadata", "name"]);
  if (typeof name !== "string") throw usage(`${file}: a Namespace has no name`);
  const { metadata = {} } = object.toJSON() as { metadata?: { labels?: Record<string, string> } };
  const labels = metadata.labels ?? {};
  const annotation: unknown = object.getIn(["metadata", "annotations", intentAnnotation], true);
  if (!isScalar(annotation)) return { name, labels, text: undefined, at: 1 };
  const begin = lineAt(annotation.range?.[0] ?? 0);
  // A block begins in the line below its mark.
  const at = annotation.type?.startsWith("BLOCK") === true ? begin + 1 : begin;
  return { name, labels, text: String(annotation.value), at };
}

/** The text of a file; `-` is standard input. RF_ERR_USAGE where it cannot be read. */
export function read(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new RingfenceError("RF_ERR_USAGE", `${file}: cannot be read: ${whyUnreadable(cause)}`, { cause });
  }
}

function usage(text: string): RingfenceError {
  return new RingfenceError("RF_ERR_USAGE", text);
}
