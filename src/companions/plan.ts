import { companionName, isForPurpose, otherCompanionName } from "../intent/companion.ts";
import { withoutDirection } from "../intent/desired.ts";
import type { Piece } from "../intent/purpose.ts";
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
  const blocked: Plan["blocked"][number][] = [];
  const wanted: Wanted[] = [];
  const writes: WriteStep[] = [];
  for (const piece of piecesNow(due, standing, namespaceUid)) {
    const place = placeOf(piece, standing, namespaceUid);
    if (typeof place === "string") {
      blocked.push({ purpose: piece.purpose, why: place });
      // Nothing is closed as long as the DNS is not open.
      if (piece.purpose === dnsPurpose) break;
      continue;
    }
    wanted.push(place.wanted);
    if (place.standing === undefined || isToWrite(place.wanted, place.standing, namespaceUid))
      writes.push(place);
  }
  const foreign = due.pieces
    .map(({ purpose }) => companionName(purpose))
    .filter((name) => isForeign(standing.get(name), namespaceUid));
  const removals = blocked.length === 0 ? removalsOf(due, wanted, standing, namespaceUid) : [];
  return { wanted, writes, removals, foreign, blocked };
}

/**
 * Where the DNS is not known for now, what closes egress is not due; that is no reason to open what is closed. As long as a
 * default deny stands that closes it, what the intent allows besides stays allowed.
 */
function piecesNow(
  due: DueCompanions,
  standing: ReadonlyMap<string, StandingPolicy>,
  namespaceUid: string,
): readonly Piece[] {
  const closesEgress = (policy: StandingPolicy): boolean =>
    isForPurpose(denyPurpose, policy.name) &&
    policy.isolatesEgress &&
    !policy.terminating &&
    !isForeign(policy, namespaceUid);
  if (!isUnknown("allowDNS", due) || ![...standing.values()].some(closesEgress)) return due.pieces;
  if (due.heldBack.length === 0) return due.asked;
  return due.asked.flatMap((piece) => withoutDirection(piece, "Ingress"));
}

/** Whether what the key asks for cannot be told, since nobody knows for now where that is. */
function isUnknown(key: "allowDNS" | "allowKubeAPI", { unmet }: DueCompanions): boolean {
  return unmet.some((one) => one.key === key);
}

function placeOf(
  { purpose, spec }: Piece,
  standing: ReadonlyMap<string, StandingPolicy>,
  namespaceUid: string,
): WriteStep | "foreign" | "terminating" {
  const names = [companionName(purpose), otherCompanionName(purpose, namespaceUid)];
  const name = names.find((each) => !isForeign(standing.get(each), namespaceUid));
  if (name === undefined) return "foreign";
  const there = standing.get(name);
  if (there?.terminating === true) return "terminating";
  return { wanted: { name, purpose, spec, specDigest: specDigest(spec) }, standing: there };
}

function isForeign(policy: StandingPolicy | undefined, namespaceUid: string): boolean {
  return policy !== undefined && ownershipOf(policy, namespaceUid) === "foreign";
}

function isToWrite(wanted: Wanted, standing: StandingPolicy, namespaceUid: string): boolean {
  return wanted.specDigest !== standing.specDigest || ownershipOf(standing, namespaceUid) !== "ours";
}

/**
 * Ours alone; what a backup brought only where the namespace says what it needs. The default deny goes before the DNS. What
 * is asked for and cannot be told for now stays as it is.
 */
function removalsOf(
  due: DueCompanions,
  wanted: readonly Wanted[],
  standing: ReadonlyMap<string, StandingPolicy>,
  namespaceUid: string,
): readonly StandingPolicy[] {
  const asked = due.asked.flatMap(({ purpose }) => [
    companionName(purpose),
    otherCompanionName(purpose, namespaceUid),
  ]);
  const isDnsUnknown = isUnknown("allowDNS", due);
  const kept = new Set([...wanted.map(({ name }) => name), ...(isDnsUnknown ? asked : [])]);
  const unknown = [
    ...(isDnsUnknown ? [dnsPurpose] : []),
    ...(isUnknown("allowKubeAPI", due) ? [kubeApiPurpose] : []),
  ];
  const governed = due.excluded === undefined && (due.intent.source !== "none" || due.pieces.length > 0);
  const rank = (name: string): number => {
    if (isForPurpose(dnsPurpose, name)) return 2;
    return isForPurpose(denyPurpose, name) ? 1 : 0;
  };
  return [...standing.values()]
    .filter((policy) => {
      if (kept.has(policy.name) || unknown.some((purpose) => isForPurpose(purpose, policy.name)))
        return false;
      const ownership = ownershipOf(policy, namespaceUid);
      return ownership === "ours" || (ownership === "adoptable" && governed);
    })
    .sort((a, b) => rank(a.name) - rank(b.name) || compareText(b.name, a.name));
}
