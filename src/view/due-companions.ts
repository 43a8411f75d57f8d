import { companionName, companionPolicy } from "../intent/companion.ts";
import { desired, type Desired } from "../intent/desired.ts";
import { isUnmet, type Piece } from "../intent/purpose.ts";
import { dnsPurpose } from "../intent/purposes/dns.ts";
import type { readIntent } from "../intent/read.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions, Excluded, NamespaceIntent } from "../model/companions.ts";
import { effectiveModes } from "../model/modes.ts";
import { excludedFrom, intentFor, intentIn } from "../model/namespace-intent.ts";
import type { Settings } from "../model/settings.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { isolating, type PolicySet } from "../network/policy-set.ts";
import { dnsOnDemand } from "./dns-on-demand.ts";
import { surroundingsOf, type IntentKnowledge } from "./surroundings.ts";

/** What companions depend on besides the namespace. */
export interface CompanionContext extends IntentKnowledge {
  readonly settings: Settings;
  /** Reads an annotation; passed in by who remembers what was read. */
  readonly read?: typeof readIntent;
}

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
  const intent = intentFor(facts, settings, context.read);
  const excluded = excludedFrom(facts, settings);
  if (excluded !== undefined) return new Due(facts, intent, nothing, excluded);
  const intended = intentIn(intent);
  const fromIntent =
    intended === undefined ? nothing : desired(intended, surroundingsOf(settings, facts, context));
  const besides = onDemand(facts, intent, fromIntent, context, policies);
  const due = {
    pieces: [...besides.pieces, ...fromIntent.pieces],
    asked: [...besides.pieces, ...fromIntent.asked],
    unmet: [...fromIntent.unmet, ...besides.unmet],
  };
  return new Due(facts, intent, due, undefined);
}

const nothing: Desired = { pieces: [], asked: [], unmet: [] };

/** Without configuration nobody knows whom an intent means. */
export const nothingDue: DueCompanions = {
  ...nothing,
  intent: { source: "none" },
  heldBack: [],
  compiled: [],
  compiledAsked: [],
};

/** DNS for the pods that policies of the namespace isolate, where configuration says so and the intent does not open it. */
function onDemand(
  { labels }: NamespaceFacts,
  intent: NamespaceIntent,
  { pieces, unmet }: Desired,
  { settings, dns }: CompanionContext,
  policies: () => PolicySet | undefined,
): Omit<Desired, "asked"> {
  if (settings.companions.dns !== "onDemand" || intent.source === "unreadable") return nothing;
  if (intentIn(intent)?.allowDNS === false) return nothing;
  if (pieces.some(({ purpose }) => purpose === dnsPurpose)) return nothing;
  if (effectiveModes(labels, settings).modes.enforce.profile === "privileged") return nothing;
  const set = policies();
  if (set === undefined) return nothing;
  if (dns !== undefined) return { pieces: dnsOnDemand(set, dns), unmet: [] };
  const isWanted = isolating(set, "egress").some(({ companion }) => !companion);
  if (!isWanted || isUnmet("allowDNS", unmet)) return nothing;
  return { pieces: [], unmet: [{ key: "allowDNS", why: "it is not known where the cluster's DNS is" }] };
}

/** The same without what is held back. */
export function holdingBack(
  facts: Pick<NamespaceFacts, "name" | "uid">,
  { intent, asked, unmet }: DueCompanions,
  { pieces, heldBack }: Pick<DueCompanions, "pieces" | "heldBack">,
): DueCompanions {
  return new Due(facts, intent, { pieces, asked, unmet }, undefined, heldBack);
}

/** A class: it is compiled when a rule asks for it, and most are only written or never asked for. */
class Due implements DueCompanions {
  readonly intent: NamespaceIntent;
  readonly pieces: readonly Piece[];
  readonly asked: readonly Piece[];
  readonly unmet: DueCompanions["unmet"];
  readonly heldBack: DueCompanions["heldBack"];
  readonly excluded?: Excluded;
  readonly #facts: Pick<NamespaceFacts, "name" | "uid">;
  #compiled: readonly CompiledPolicy[] | undefined;
  #compiledAsked: readonly CompiledPolicy[] | undefined;

  constructor(
    facts: Pick<NamespaceFacts, "name" | "uid">,
    intent: NamespaceIntent,
    { pieces, asked, unmet }: Desired,
    excluded: Excluded | undefined,
    heldBack: DueCompanions["heldBack"] = [],
  ) {
    this.heldBack = heldBack;
    this.#facts = { name: facts.name, uid: facts.uid };
    this.intent = intent;
    this.pieces = pieces;
    this.asked = asked;
    this.unmet = unmet;
    if (excluded !== undefined) this.excluded = excluded;
  }

  get compiled(): readonly CompiledPolicy[] {
    this.#compiled ??= this.pieces.map((piece) => compiledPiece(piece, this.#facts));
    return this.#compiled;
  }

  get compiledAsked(): readonly CompiledPolicy[] {
    const isAll =
      this.asked.length === this.pieces.length &&
      this.asked.every((piece, index) => piece === this.pieces[index]);
    if (isAll) return this.compiled;
    this.#compiledAsked ??= this.asked.map((piece) => compiledPiece(piece, this.#facts));
    return this.#compiledAsked;
  }
}

function compiledPiece(
  { purpose, spec }: Piece,
  namespace: Pick<NamespaceFacts, "name" | "uid">,
): CompiledPolicy {
  return readPolicy(companionPolicy(companionName(purpose), spec, namespace));
}
