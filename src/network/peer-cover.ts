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
  if (!budget.spend(1 + (work >> 4))) return undefined;
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
    const opening = by.flatMap(({ entry: { peers } }, place) =>
      peers === "any" || peers.some((peer) => isBlock(peer) && blockHolds(peer, address)) ? [place] : [],
    );
    const key = opening.join(" ");
    if (!asked.has(key)) {
      const subjects = opening.flatMap((place) => by[place]?.subject ?? []);
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
  const connections = new Map<Opening, readonly Connections[]>();
  const connectionsAt = (place: number): readonly Connections[] => {
    const other = others[place];
    if (other === undefined) return [];
    const found = connections.get(other) ?? connectionsOf(other, own);
    connections.set(other, found);
    return found;
  };
  const peers = entry.peers === "any" ? [] : entry.peers.filter(isPods);
  const wanted = wantedOf(peers, subject, others, budget);
  return (places) => {
    if (wanted === undefined || !budget.spend(1 + (wanted.work >> 7))) return undefined;
    const these = new Set(places);
    const left = wanted.peers.filter(({ at }) => !at.some((place) => these.has(place)));
    if (left.length === 0) return true;
    const union = places.flatMap(connectionsAt);
    const here = asItIs(own, union);
    let unknown = false;
    for (const {
      peer: { namespaces, pods },
    } of left) {
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

interface Wanted {
  /** Each with the places of those that open it, in the same words, to all of the pods: of these nothing is to be found. */
  readonly peers: readonly { readonly peer: PodPeer; readonly at: readonly number[] }[];
  /** How many places there are to look at. */
  readonly work: number;
}

/** What is asked for: each peer once, and none that selects nothing. `undefined` when the budget is used up. */
function wantedOf(
  peers: readonly PodPeer[],
  subject: Selector,
  others: readonly Opening[],
  budget: Budget,
): Wanted | undefined {
  const wanted = new Map<string, { readonly peer: PodPeer; readonly at: number[] }>();
  budget.tick(peers.length);
  for (const peer of peers) if (!selectsNothing(peer)) wanted.set(peerText(peer), { peer, at: [] });
  let work = wanted.size;
  for (const [place, other] of others.entries()) {
    const written = other.entry.peers;
    if (wanted.size === 0 || written === "any" || !implies(subject, other.subject)) continue;
    budget.tick(1 + written.length);
    if (!budget.spend((1 + written.length) >> 5)) return undefined;
    for (const peer of written) {
      const at = isPods(peer) ? wanted.get(peerText(peer))?.at : undefined;
      if (at === undefined || at.at(-1) === place) continue;
      at.push(place);
      work += 1;
    }
  }
  return { peers: [...wanted.values()], work };
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
