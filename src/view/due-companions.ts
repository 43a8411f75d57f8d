import { companionMarks, companionName } from "../intent/companion.ts";
import { desired } from "../intent/desired.ts";
import type { Piece } from "../intent/purpose.ts";
import { intentAnnotation, readIntent } from "../intent/read.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions, Excluded, NamespaceIntent } from "../model/companions.ts";
import { effectiveModes } from "../model/modes.ts";
import type { Settings } from "../model/settings.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { matches } from "../network/selector.ts";
import type { PolicySet } from "../network/policy-set.ts";
import { dnsOnDemand } from "./dns-on-demand.ts";
import { surroundingsOf, type IntentKnowledge } from "./surroundings.ts";

/** Where Ringfence runs, whatever configuration lists as system namespaces. */
const ownNamespace = "ringfence-system";

type IntentFacts = Pick<NamespaceFacts, "name" | "labels" | "annotations">;

/** What companions depend on besides the namespace. */
export interface CompanionContext extends IntentKnowledge {
  readonly settings: Settings;
  /** Reads an annotation; passed in by who remembers what was read. */
  readonly read?: typeof readIntent;
}

/** Why Ringfence keeps no companions in a namespace, whatever it declares; undefined: it may. */
export function excludedFrom(
  { name, terminating }: Pick<NamespaceFacts, "name" | "terminating">,
  { exemptions, systemNamespaces }: Pick<Settings, "exemptions" | "systemNamespaces">,
): Excluded | undefined {
  if (terminating) return "terminating";
  if (exemptions.namespaces.has(name)) return "exempt";
  return name === ownNamespace || systemNamespaces.names.has(name) ? "system" : undefined;
}

/** What a namespace declares, or what configuration says for it where enforcement is on. */
export function intentFor(
  facts: IntentFacts,
  { settings, read = readIntent }: Pick<CompanionContext, "settings" | "read">,
): NamespaceIntent {
  const text = facts.annotations.get(intentAnnotation);
  if (text !== undefined) {
    const { value, flaws } = read(text);
    if (flaws === undefined) return { source: "declared", intent: value };
    return {
      source: "unreadable",
      faults: flaws.map(({ line, column, text: says }) => `${line}:${column}: ${says}`),
    };
  }
  if (settings.intents.defaults.length === 0) return none;
  if (effectiveModes(facts.labels, settings).modes.enforce.profile === "privileged") return none;
  const found = settings.intents.defaults.find(({ namespaces }) => matches(namespaces, facts.labels));
  return found === undefined ? none : { source: "default", intent: found.intent };
}

const none: NamespaceIntent = { source: "none" };

/**
 * The companions that are due in a namespace as it is or would be. Pure: the same namespace in the same context has the
 * same. `policies` are those of the namespace, which only DNS on demand asks for.
 */
export function companionsOf(
  facts: NamespaceFacts,
  context: CompanionContext,
  policies: () => PolicySet | undefined,
): DueCompanions {
  const { settings } = context;
  const intent = intentFor(facts, context);
  const excluded = excludedFrom(facts, settings);
  if (excluded !== undefined) return new Due(facts, intent, { pieces: [], unmet: [] }, excluded);
  const intended = intent.source === "declared" || intent.source === "default" ? intent.intent : undefined;
  const asked =
    intended === undefined
      ? { pieces: [], unmet: [] }
      : desired(intended, surroundingsOf(settings, facts, context));
  const due = {
    ...asked,
    pieces: [...onDemand(facts, intent, asked.pieces, context, policies), ...asked.pieces],
  };
  return new Due(facts, intent, due, undefined);
}

/** DNS for the pods that policies of the namespace isolate, where configuration says so and the intent does not open it. */
function onDemand(
  { labels }: NamespaceFacts,
  intent: NamespaceIntent,
  pieces: readonly Piece[],
  { settings, dns }: CompanionContext,
  policies: () => PolicySet | undefined,
): readonly Piece[] {
  if (settings.companions.dns !== "onDemand" || dns === undefined || intent.source === "unreadable")
    return [];
  if ("intent" in intent && intent.intent.allowDNS === false) return [];
  if (pieces.some(({ purpose }) => purpose === "allow-dns")) return [];
  if (effectiveModes(labels, settings).modes.enforce.profile === "privileged") return [];
  const set = policies();
  return set === undefined ? [] : dnsOnDemand(set, dns);
}

/** The same without what is held back. */
export function holdingBack(
  facts: Pick<NamespaceFacts, "name" | "uid">,
  { intent, unmet }: DueCompanions,
  { pieces, heldBack }: Pick<DueCompanions, "pieces" | "heldBack">,
): DueCompanions {
  return new Due(facts, intent, { pieces, unmet }, undefined, heldBack);
}

/** A class: it is compiled when a rule asks for it, and most are only written or never asked for. */
class Due implements DueCompanions {
  readonly intent: NamespaceIntent;
  readonly pieces: readonly Piece[];
  readonly unmet: DueCompanions["unmet"];
  readonly heldBack: DueCompanions["heldBack"];
  readonly excluded?: Excluded;
  readonly #facts: Pick<NamespaceFacts, "name" | "uid">;
  #compiled: readonly CompiledPolicy[] | undefined;

  constructor(
    facts: Pick<NamespaceFacts, "name" | "uid">,
    intent: NamespaceIntent,
    { pieces, unmet }: Pick<DueCompanions, "pieces" | "unmet">,
    excluded: Excluded | undefined,
    heldBack: DueCompanions["heldBack"] = [],
  ) {
    this.heldBack = heldBack;
    this.#facts = { name: facts.name, uid: facts.uid };
    this.intent = intent;
    this.pieces = pieces;
    this.unmet = unmet;
    if (excluded !== undefined) this.excluded = excluded;
  }

  get compiled(): readonly CompiledPolicy[] {
    this.#compiled ??= this.pieces.map((piece) => compiledPiece(piece, this.#facts));
    return this.#compiled;
  }
}

function compiledPiece(
  { purpose, spec }: Piece,
  { name, uid }: Pick<NamespaceFacts, "name" | "uid">,
): CompiledPolicy {
  const { labels, annotations } = companionMarks(uid);
  const metadata = {
    name: companionName(purpose),
    namespace: name,
    labels: { ...labels },
    annotations: { ...annotations },
  };
  return readPolicy({ metadata, spec });
}
