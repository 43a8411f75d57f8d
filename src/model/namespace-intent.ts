import type { Intent } from "../intent/keys.ts";
import { intentAnnotation, readIntent } from "../intent/read.ts";
import { matches } from "../network/selector.ts";
import type { NamespaceFacts } from "./cluster-view.ts";
import type { Excluded, NamespaceIntent } from "./companions.ts";
import { effectiveModes } from "./modes.ts";
import type { DefaultIntent, Settings } from "./settings.ts";

/** Where Ringfence runs, whatever configuration lists as system namespaces. */
const ownNamespace = "ringfence-system";

/** Why Ringfence keeps no companions in a namespace, whatever it declares; undefined: it may. */
export function excludedFrom(
  { name, terminating }: Pick<NamespaceFacts, "name" | "terminating">,
  { exemptions, systemNamespaces }: Pick<Settings, "exemptions" | "systemNamespaces">,
): Excluded | undefined {
  if (terminating) return "terminating";
  if (exemptions.namespaces.has(name)) return "exempt";
  return name === ownNamespace || systemNamespaces.names.has(name) ? "system" : undefined;
}

type Declaring = Pick<NamespaceFacts, "labels" | "annotations">;
type IntentSource = Pick<Settings, "defaults" | "floor" | "intents">;

/**
 * What a namespace declares, or what configuration says for it where a profile is enforced. `read` is passed in by who
 * remembers what was read.
 */
export function intentFor(facts: Declaring, settings: IntentSource, read = readIntent): NamespaceIntent {
  const text = facts.annotations.get(intentAnnotation);
  if (text !== undefined) {
    const { value, flaws } = read(text);
    if (flaws === undefined) return { source: "declared", intent: value };
    return {
      source: "unreadable",
      faults: flaws.map(({ line, column, text: says }) => `${line}:${column}: ${says}`),
    };
  }
  const found = defaultIntentFor(facts, settings);
  return found === undefined ? none : { source: "default", intent: found.intent };
}

const none: NamespaceIntent = { source: "none" };

/** What the namespace says that it needs; undefined where it says nothing, or nothing that can be read. */
export function intentIn(intent: NamespaceIntent): Intent | undefined {
  return "intent" in intent ? intent.intent : undefined;
}

/** The default intent of a namespace that declares none. */
export function defaultIntentFor(
  { labels }: Pick<Declaring, "labels">,
  settings: IntentSource,
): DefaultIntent | undefined {
  if (settings.intents.defaults.length === 0) return undefined;
  if (effectiveModes(labels, settings).modes.enforce.profile === "privileged") return undefined;
  return settings.intents.defaults.find(({ namespaces }) => matches(namespaces, labels));
}
