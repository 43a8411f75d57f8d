import type { Budget } from "./budget.ts";
import { blockHolds, blocksHold, pieces } from "./cidr.ts";
import { among, missing } from "./constraint.ts";
import type { Constraint } from "./constraint.ts";
import type { CoverContext, Opening } from "./opening.ts";
import { peerText } from "./policy.ts";
import type { IpBlockPeer, Peer, PodPeer } from "./policy.ts";
import type { NamespaceIdentity } from "./reachability.ts";
import { implies, namespaceNameLabel, satisfiable, selectorOf } from "./selector.ts";
import type { Selector } from "./selector.ts";
import { connectionsCoveredBy, coveredBy } from "./selector-cover.ts";
import type { Connections } from "./selector-cover.ts";

/** Whether some of the others, by their places in the list and in its order, open all the peers, ports aside. */
export type PeerCover = (places: readonly number[]) => boolean | undefined;

/** Answers for one opening and the others that share pods with it; what was asked once is not looked for again. */
export function peerCover(opening: Opening, others: readonly Opening[], context: CoverContext): PeerCover {
  const asked = new Map<string, boolean | undefined>();
  const pods = podCover(opening, others, context);
  return (places) => {
    const key = places.join(" ");
    if (!asked.has(key)) asked.set(key, peersCovered(opening, others, places, pods, context.budget));
    return asked.get(key);
  };
}

function peersCovered(
  { subject, entry: { peers } }: Opening,
  others: readonly Opening[],
  places: readonly number[],
  pods: PeerCover,
  budget: Budget,
): boolean | undefined {
  const by = places.flatMap((place) => others[place] ?? []);
  const toAnyone = by.filter(({ entry }) => entry.peers === "any").map((other) => other.subject);
  if (peers === "any") return coveredBy(subject, toAnyone, budget);
  const blocks = peers.filter(isBlock);
  const ofBlocks = blocks.length === 0 ? true : blocksCovered(subject, blocks, by, budget);
  if (ofBlocks === false) return false;
  const ofPods = pods(places);
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

/** Whether they open each of the peers that are pods, or pods of namespaces, to all its pods. */
function podCover(
  { subject, entry }: Opening,
  others: readonly Opening[],
  { own, budget }: CoverContext,
): PeerCover {
  const peers = entry.peers === "any" ? [] : entry.peers.filter(isPods);
  const wanted = peers.filter((peer) => !selectsNothing(peer));
  const connections = new Map<Opening, readonly Connections[]>();
  const connectionsAt = (place: number): readonly Connections[] => {
    const other = others[place];
    if (other === undefined) return [];
    const found = connections.get(other) ?? connectionsOf(other, own);
    connections.set(other, found);
    return found;
  };
  let written: Written | undefined;
  return (places) => {
    if (wanted.length === 0) return true;
    written ??= writtenIn(subject, others, budget);
    if (written === undefined || !budget.spend(1 + (wanted.length >> 5))) return undefined;
    const known = written;
    const these = new Set(places);
    const left = wanted.filter((peer) => !isAmong(known.get(peerText(peer)), these));
    if (left.length === 0) return true;
    const union = places.flatMap(connectionsAt);
    const here = asItIs(own, union);
    let unknown = false;
    for (const { namespaces, pods } of left) {
      if (!budget.spend(1 + (union.length >> 3))) return undefined;
      const there = namespaces === "own" ? here : namespaces;
      const covered = connectionsCoveredBy({ subjects: subject, namespaces: there, pods }, union, budget);
      if (covered === false) return false;
      unknown ||= covered === undefined;
    }
    return unknown ? undefined : true;
  };
}

function selectsNothing({ namespaces, pods }: PodPeer): boolean {
  return !satisfiable(pods) || (namespaces !== "own" && !satisfiable(namespaces));
}

/** By the text of a peer, the places of those that open it to all of the pods: the same words need no search. */
type Written = ReadonlyMap<string, readonly number[]>;

function writtenIn(subject: Selector, others: readonly Opening[], budget: Budget): Written | undefined {
  const written = new Map<string, number[]>();
  for (const [place, other] of others.entries()) {
    const { peers } = other.entry;
    if (peers === "any" || !implies(subject, other.subject)) continue;
    budget.tick(1 + peers.length);
    if (!budget.spend((1 + peers.length) >> 5)) return undefined;
    for (const peer of peers) {
      if (!isPods(peer)) continue;
      const text = peerText(peer);
      const places = written.get(text);
      if (places === undefined) written.set(text, [place]);
      else places.push(place);
    }
  }
  return written;
}

function isAmong(written: readonly number[] | undefined, places: ReadonlySet<number>): boolean {
  return written?.some((place) => places.has(place)) === true;
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
