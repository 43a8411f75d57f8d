import { companionName, companionNames, isForPurpose } from "../intent/companion.ts";
import { withoutDirection } from "../intent/desired.ts";
import { isUnmet, type Piece } from "../intent/purpose.ts";
import { denyPurpose } from "../intent/purposes/default-deny.ts";
import { dnsPurpose } from "../intent/purposes/dns.ts";
import { kubeApiPurpose } from "../intent/purposes/kube-api.ts";
import { specDigest } from "../intent/spec-digest.ts";
import type { DueCompanions } from "../model/companions.ts";
import { compareText } from "../network/labels.ts";
import type { StandingPolicy } from "../view/companion-index.ts";
import type { NetworkPolicySpec } from "../wire/network-policy.ts";
import { ownershipOf } from "./ownership.ts";

/** A companion as it is to be, under the name that it has in this namespace. */
export interface Wanted {
  readonly name: string;
  readonly purpose: string;
  readonly spec: NetworkPolicySpec;
  readonly specDigest: string;
}

export interface WriteStep {
  readonly wanted: Wanted;
  /** What stands under that name and is Ringfence's; undefined: nothing, it is to be created. */
  readonly standing: StandingPolicy | undefined;
}

/** What is to be done in a namespace, in the order in which no state on the way cuts a pod off from DNS. */
export interface Plan {
  /** Every companion that is due and has a name, to be written or not. */
  readonly wanted: readonly Wanted[];
  readonly writes: readonly WriteStep[];
  /** After all writes; what fails ends the removals. */
  readonly removals: readonly StandingPolicy[];
  /** Names of companions that somebody else's policies have. */
  readonly foreign: readonly string[];
  /** Purposes that cannot be written now: both names are taken, or what stands there is on its way out. */
  readonly blocked: readonly { readonly purpose: string; readonly why: "foreign" | "terminating" }[];
}

const nothing: Plan = { wanted: [], writes: [], removals: [], foreign: [], blocked: [] };

/** What stands in a namespace under the names of companions. */
interface Here {
  readonly standing: ReadonlyMap<string, StandingPolicy>;
  readonly namespaceUid: string;
}

/**
 * Compares what is due in a namespace with what stands there under the names of companions. Pure. An intent that cannot
 * be read changes nothing.
 */
export function planOf(
  due: DueCompanions,
  standing: ReadonlyMap<string, StandingPolicy>,
  namespaceUid: string,
): Plan {
  if (due.intent.source === "unreadable") return nothing;
  const here: Here = { standing, namespaceUid };
  const blocked: Plan["blocked"][number][] = [];
  const wanted: Wanted[] = [];
  const writes: WriteStep[] = [];
  for (const piece of piecesNow(due, here)) {
    const place = placeOf(piece, here);
    if (typeof place === "string") {
      blocked.push({ purpose: piece.purpose, why: place });
      // Nothing is closed as long as the DNS is not open.
      if (piece.purpose === dnsPurpose) break;
      continue;
    }
    wanted.push(place.wanted);
    if (isToWrite(place, here)) writes.push(place);
  }
  const foreign = due.pieces
    .map(({ purpose }) => companionName(purpose))
    .filter((name) => isForeign(standing.get(name), here));
  const removals = blocked.length === 0 ? removalsOf(due, wanted, here) : [];
  return { wanted, writes, removals, foreign, blocked };
}

/**
 * Where the DNS is not known for now, what closes egress is not due; that is no reason to open what is closed. As long as a
 * default deny stands that closes it, what the intent allows besides stays allowed.
 */
function piecesNow(due: DueCompanions, here: Here): readonly Piece[] {
  if (!isUnmet("allowDNS", due.unmet) || !isEgressClosed(here)) return due.pieces;
  if (due.heldBack.length === 0) return due.asked;
  return due.asked.flatMap((piece) => withoutDirection(piece, "Ingress"));
}

function isEgressClosed(here: Here): boolean {
  return [...here.standing.values()].some(
    (policy) =>
      isForPurpose(denyPurpose, policy.name) &&
      policy.isolatesEgress &&
      !policy.terminating &&
      !isForeign(policy, here),
  );
}

function placeOf({ purpose, spec }: Piece, here: Here): WriteStep | "foreign" | "terminating" {
  const name = companionNames(purpose, here.namespaceUid).find(
    (each) => !isForeign(here.standing.get(each), here),
  );
  if (name === undefined) return "foreign";
  const there = here.standing.get(name);
  if (there?.terminating === true) return "terminating";
  return { wanted: { name, purpose, spec, specDigest: specDigest(spec) }, standing: there };
}

function isForeign(policy: StandingPolicy | undefined, { namespaceUid }: Here): boolean {
  return policy !== undefined && ownershipOf(policy, namespaceUid) === "foreign";
}

function isToWrite({ wanted, standing }: WriteStep, { namespaceUid }: Here): boolean {
  if (standing === undefined) return true;
  return wanted.specDigest !== standing.specDigest || ownershipOf(standing, namespaceUid) !== "ours";
}

/**
 * Ours alone; what a backup brought only where the namespace says what it needs. The default deny goes before the DNS. What
 * is asked for and cannot be told for now stays as it is.
 */
function removalsOf(due: DueCompanions, wanted: readonly Wanted[], here: Here): readonly StandingPolicy[] {
  const isDnsUnknown = isUnmet("allowDNS", due.unmet);
  const kept = new Set(wanted.map(({ name }) => name));
  if (isDnsUnknown) {
    for (const { purpose } of due.asked)
      for (const name of companionNames(purpose, here.namespaceUid)) kept.add(name);
  }
  const unknown = [
    ...(isDnsUnknown ? [dnsPurpose] : []),
    ...(isUnmet("allowKubeAPI", due.unmet) ? [kubeApiPurpose] : []),
  ];
  const isGoverned = due.excluded === undefined && (due.intent.source !== "none" || due.pieces.length > 0);
  return [...here.standing.values()]
    .filter((policy) => {
      if (kept.has(policy.name)) return false;
      if (unknown.some((purpose) => isForPurpose(purpose, policy.name))) return false;
      const ownership = ownershipOf(policy, here.namespaceUid);
      return ownership === "ours" || (ownership === "adoptable" && isGoverned);
    })
    .sort((a, b) => rankOf(a) - rankOf(b) || compareText(b.name, a.name));
}

/** By which companions are removed: what closes before what opens the DNS. */
function rankOf({ name }: StandingPolicy): number {
  if (isForPurpose(dnsPurpose, name)) return 2;
  return isForPurpose(denyPurpose, name) ? 1 : 0;
}
