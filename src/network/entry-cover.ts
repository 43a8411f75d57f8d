import type { Budget } from "./budget.ts";
import { blockHolds, blocksHold, pieces } from "./cidr.ts";
import { among, missing } from "./constraint.ts";
import type { Constraint } from "./constraint.ts";
import { peerText } from "./policy.ts";
import type { AllowEntry, IpBlockPeer, Peer, PodPeer } from "./policy.ts";
import { holdsAtom, portAtoms } from "./port-atoms.ts";
import type { PortAtom } from "./port-atoms.ts";
import type { NamespaceIdentity } from "./reachability.ts";
import { implies, namespaceNameLabel, overlaps, satisfiable, selectorOf } from "./selector.ts";
import { connectionsCoveredBy, coveredBy } from "./selector-cover.ts";
import type { Selector } from "./selector.ts";
import type { Connections } from "./selector-cover.ts";

/** What a policy opens to the pods that it selects, or what a ceiling lets it open to them. */
export interface Opening {
  readonly subject: Selector;
  readonly entry: Pick<AllowEntry, "peers" | "ports">;
}

/** What the questions need besides; `own` is the namespace of all the policies. */
export interface CoverContext {
  readonly own: NamespaceIdentity;
  readonly budget: Budget;
  /**
   * The name of a port is held by the same name, or by every port of its protocol, and holds nothing but itself: where
   * whoever writes the one also says what it stands for. Absent: what pods may make of it decides.
   */
  readonly namesAsWritten?: true;
}

/**
 * Whether everything that this opens is opened by the others together, for pods and namespaces that do not exist yet as
 * well. No peers are covered by no peers alone, selectors by selectors and ranges by ranges; of its own namespace the
 * labels count as they are now. Exact; `undefined` where it depends on the named ports of pods, or the budget was used up.
 */
export function openingCovered(
  opening: Opening,
  others: readonly Opening[],
  context: CoverContext,
): boolean | undefined {
  const { budget } = context;
  const near = others.filter(({ subject }) => overlaps(subject, opening.subject));
  let unknown = false;
  const asked = new Map<string, boolean | undefined>();
  const covered = (by: readonly Opening[]): boolean | undefined => {
    const key = by.map((other) => near.indexOf(other)).join(" ");
    if (!asked.has(key)) asked.set(key, peersCovered(opening, by, context));
    return asked.get(key);
  };
  const sets = near.map(({ entry }) => entry.ports);
  for (const atom of portAtoms(opening.entry.ports, sets).toSorted(byWidth)) {
    if (!budget.spend(1 + near.length)) return undefined;
    const { sure, possible } = holding(atom, near, context);
    const bySure = covered(sure);
    if (bySure === true) continue;
    if (bySure === false && (possible.length === sure.length || covered(possible) === false)) return false;
    unknown = true;
  }
  return unknown ? undefined : true;
}

/** The most ports first: what is left when the budget is used up is little. */
function byWidth(a: PortAtom, b: PortAtom): number {
  return widthOf(b) - widthOf(a);
}

function widthOf(atom: PortAtom): number {
  if (atom.kind === "rest") return Infinity;
  return atom.kind === "name" ? 1 : atom.interval[1] - atom.interval[0] + 1;
}

/** Those that hold a piece of the ports for certain, and those that may hold it as well. */
function holding(
  atom: PortAtom,
  openings: readonly Opening[],
  { namesAsWritten }: Pick<CoverContext, "namesAsWritten">,
): { readonly sure: readonly Opening[]; readonly possible: readonly Opening[] } {
  const answers = openings.map((opening) => [opening, holdsAtom(opening.entry.ports, atom)] as const);
  const sure = answers.filter(([, answer]) => answer === true).map(([opening]) => opening);
  if (namesAsWritten === true) return { sure, possible: sure };
  const possible = answers.filter(([, answer]) => answer !== false).map(([opening]) => opening);
  // On one pod a name stands for one number: so many names never hold more numbers.
  if (atom.kind === "numbers") {
    const names = possible.flatMap(({ entry: { ports } }) =>
      ports === "any" ? [] : ports[atom.protocol].names,
    );
    const [from, to] = atom.interval;
    if (new Set(names).size < to - from + 1) return { sure, possible: sure };
  }
  return { sure, possible };
}

/** Whether these open all the peers of the opening to all its pods, ports aside. */
function peersCovered(
  { subject, entry: { peers } }: Opening,
  by: readonly Opening[],
  context: CoverContext,
): boolean | undefined {
  const toAnyone = by.filter(({ entry }) => entry.peers === "any").map((other) => other.subject);
  if (peers === "any") return coveredBy(subject, toAnyone, context.budget);
  const blocks = peers.filter(isBlock);
  const ofBlocks = blocks.length === 0 ? true : blocksCovered(subject, blocks, by, context.budget);
  if (ofBlocks === false) return false;
  const ofPods = podsCovered(subject, peers.filter(isPods), by, context);
  return ofPods === false ? false : ofBlocks && ofPods;
}

/** Whether these open all the ranges: at one go where all of them are opened to all its pods, else each by itself. */
function blocksCovered(
  subject: Selector,
  blocks: readonly IpBlockPeer[],
  by: readonly Opening[],
  budget: Budget,
): boolean | undefined {
  if (!satisfiable(subject)) return true;
  const toAll = by.filter((other) => implies(subject, other.subject));
  if (toAll.some(({ entry }) => entry.peers === "any")) return true;
  const opened = toAll.flatMap(({ entry }) => (entry.peers === "any" ? [] : entry.peers.filter(isBlock)));
  const work = by.length + blocks.length + opened.length;
  budget.tick(work);
  // One pass over sorted ranges: far less than a step for each.
  if (!budget.spend(1 + (work >> 5))) return undefined;
  if (blocksHold(opened, blocks)) return true;
  if (toAll.length === by.length) return false;
  let unknown = false;
  for (const block of blocks) {
    const covered = blockCovered(subject, block, by, budget);
    if (covered === false) return false;
    unknown ||= covered === undefined;
  }
  return unknown ? undefined : true;
}

function blockCovered(
  subject: Selector,
  block: IpBlockPeer,
  by: readonly Opening[],
  budget: Budget,
): boolean | undefined {
  const blocks = by.flatMap(({ entry }) => (entry.peers === "any" ? [] : entry.peers.filter(isBlock)));
  const asked = new Map<string, boolean | undefined>();
  for (const address of pieces(block, blocks)) {
    if (!budget.spend(1 + blocks.length)) return undefined;
    const opening = by.filter(
      ({ entry: { peers } }) =>
        peers === "any" || peers.some((peer) => isBlock(peer) && blockHolds(peer, address)),
    );
    const key = opening.map((other) => by.indexOf(other)).join(" ");
    if (!asked.has(key)) {
      const subjects = opening.map((other) => other.subject);
      asked.set(key, coveredBy(subject, subjects, budget));
    }
    if (asked.get(key) === false) return false;
  }
  return [...asked.values()].includes(undefined) ? undefined : true;
}

function isBlock(peer: Peer): peer is IpBlockPeer {
  return peer.kind === "ipBlock";
}

function isPods(peer: Peer): peer is PodPeer {
  return peer.kind === "pods";
}

/** Whether these open each of the peers, pods and namespaces, to all its pods. */
function podsCovered(
  subject: Selector,
  peers: readonly PodPeer[],
  by: readonly Opening[],
  { own, budget }: CoverContext,
): boolean | undefined {
  const asWritten = writtenFor(subject, by, budget);
  const left = peers.filter((peer) => !selectsNothing(peer) && !asWritten.has(peerText(peer)));
  if (left.length === 0) return true;
  const union = by.flatMap((opening) => connectionsOf(opening, own));
  const here = asItIs(own, union);
  let unknown = false;
  for (const { namespaces, pods } of left) {
    if (!budget.spend()) return undefined;
    const there = namespaces === "own" ? here : namespaces;
    const covered = connectionsCoveredBy({ subjects: subject, namespaces: there, pods }, union, budget);
    if (covered === false) return false;
    unknown ||= covered === undefined;
  }
  return unknown ? undefined : true;
}

function selectsNothing({ namespaces, pods }: PodPeer): boolean {
  return !satisfiable(pods) || (namespaces !== "own" && !satisfiable(namespaces));
}

/** The peers that are opened to all of the pods, by their texts: the same peer of another rule needs no search. */
function writtenFor(subject: Selector, by: readonly Opening[], budget: Budget): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const other of by) {
    const { peers } = other.entry;
    if (peers === "any" || !implies(subject, other.subject)) continue;
    budget.tick(1 + peers.length);
    for (const peer of peers) if (isPods(peer)) texts.add(peerText(peer));
  }
  return texts;
}

function connectionsOf(
  { subject, entry: { peers } }: Opening,
  own: NamespaceIdentity,
): readonly Connections[] {
  if (peers === "any") return [{ subjects: subject, namespaces: anywhere, pods: anywhere }];
  const ownAlone = selectorOf(new Map([[namespaceNameLabel, own.name]]), "namespaces");
  return peers.filter(isPods).map(({ namespaces, pods }) => ({
    subjects: subject,
    namespaces: namespaces === "own" ? ownAlone : namespaces,
    pods,
  }));
}

const anywhere = { constraints: new Map<string, Constraint>() };

/** The namespace with the labels that it has, and without those of the others that it has not. */
function asItIs(
  { name, labels }: NamespaceIdentity,
  others: readonly Connections[],
): Pick<Selector, "constraints"> {
  const constraints = new Map<string, Constraint>();
  for (const { namespaces } of others) {
    for (const key of namespaces.constraints.keys()) {
      const value = labels.get(key);
      constraints.set(key, value === undefined ? missing : among([value]));
    }
  }
  return { constraints: constraints.set(namespaceNameLabel, among([name])) };
}

/** One of the openings that is not within a ceiling; not `certain` where that depends on named ports of pods. */
export interface Excess<O extends Opening> {
  readonly opening: O;
  readonly certain: boolean;
}

/** Which of the openings exceed the ceiling: what they open, the ceiling's together do not. */
export function exceeding<O extends Opening>(
  openings: readonly O[],
  ceiling: readonly Opening[],
  context: CoverContext,
): readonly Excess<O>[] {
  return openings.flatMap((opening) => {
    const covered = openingCovered(opening, ceiling, context);
    return covered === true ? [] : [{ opening, certain: covered === false }];
  });
}
