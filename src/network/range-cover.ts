import type {
  Direction,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../wire/network-policy.ts";
import type { Budget } from "./budget.ts";
import { parseCidr, unionCoversAtLeast } from "./cidr.ts";
import type { Family } from "./address.ts";
import type { Block } from "./cidr.ts";
import { holdsAtom, portAtoms } from "./port-atoms.ts";
import type { PortAtom } from "./port-atoms.ts";
import { compareText } from "./labels.ts";
import { compilePorts, describePorts, isEmptyPorts, protocols, unitePorts } from "./ports.ts";
import type { PortSet, Protocol, ProtocolPorts } from "./ports.ts";

/** The ranges of a rule, and the ports on which it opens them. */
export interface RangeEntry {
  /** Its place among the rules. */
  readonly index: number;
  readonly blocks: readonly Block[];
  readonly ports: PortSet | "any";
  /** Left out first where others suffice. */
  readonly spare?: boolean;
}

/** Rules whose ranges together are as good as all addresses, on ports that they share. */
export interface WideCover {
  /** None of them more than it takes, in the order of the rules. */
  readonly entries: readonly RangeEntry[];
  readonly ports: PortSet | "any";
  readonly families: readonly Family[];
}

/** So many of the addresses of a family are as good as all of them: 15/16. */
const most = { numerator: 15, denominator: 16 } as const;
/** As a sum of shares: thousands of tiny ones add up to less than they are, by far less than what is left here. */
const enough = most.numerator / most.denominator - 0.001;
const families = [4, 6] as const satisfies readonly Family[];

/**
 * Whether ranges of the direction could hold most addresses of a family at all, by their lengths alone. What every
 * request is asked first: false for nearly all.
 */
export function mayCoverMost(spec: NetworkPolicySpec, direction: Direction): boolean {
  const rules = direction === "ingress" ? spec.ingress : spec.egress;
  if (rules === undefined) return false;
  const share = { 4: 0, 6: 0 };
  for (const rule of rules) {
    const { from, to }: { from?: readonly NetworkPolicyPeer[]; to?: readonly NetworkPolicyPeer[] } = rule;
    const peers = direction === "ingress" ? from : to;
    if (peers === undefined) continue;
    for (const { ipBlock } of peers) {
      if (ipBlock === undefined) continue;
      const { family, prefix } = lengthOf(ipBlock.cidr);
      share[family] += 2 ** -prefix;
    }
  }
  return share[4] >= enough || share[6] >= enough;
}

/** Family and prefix of a range as written; read at length only where an IPv4 range may be written as one of IPv6. */
function lengthOf(text: string): Readonly<{ family: Family; prefix: number }> {
  const family = text.includes(":") ? 6 : 4;
  if (family === 6 && /ffff/i.test(text)) return parseCidr(text) ?? { family, prefix: Infinity };
  const prefix = Number(text.slice(text.indexOf("/") + 1));
  return { family, prefix: Number.isFinite(prefix) ? prefix : Infinity };
}

/**
 * Which rules open as good as all addresses of a family: one alone, or several together on ports that they share, each
 * such group once, without what it covers without, whatever their order. Exact; groups that the budget does not suffice
 * to look at are left out.
 */
export function wideCovers(entries: readonly RangeEntry[], budget: Budget): readonly WideCover[] {
  const found = new Map<string, WideCover>();
  const add = (family: Family, holders: readonly RangeEntry[], ports: PortSet | "any"): void => {
    const inOrder = holders.toSorted((a, b) => a.index - b.index);
    const key = `${keyOf(inOrder)} on ${describePorts(ports)}`;
    const standing = found.get(key);
    const both = standing === undefined ? [family] : [...standing.families, family];
    found.set(key, { entries: inOrder, ports, families: both });
  };
  for (const family of families) {
    const partial: RangeEntry[] = [];
    for (const entry of entries) {
      if (entry.ports !== "any" && isEmptyPorts(entry.ports)) continue;
      if (!entry.blocks.some(({ cidr }) => cidr.family === family)) continue;
      budget.tick(entry.blocks.length);
      if (coverMost([entry], family)) add(family, [entry], entry.ports);
      else partial.push(entry);
    }
    if (partial.length < 2 || !coverMost(partial, family)) continue;
    for (const { holders, ports } of together(sorted(partial), family, budget)) add(family, holders, ports);
  }
  return [...found.values()];
}

/** Whether these together are as good as all addresses of the family. */
export function blocksCoverMost(blocks: readonly Block[], family: Family): boolean {
  return unionCoversAtLeast(blocks, family, most.numerator, most.denominator);
}

function coverMost(entries: readonly RangeEntry[], family: Family): boolean {
  return blocksCoverMost(
    entries.flatMap((entry) => entry.blocks),
    family,
  );
}

interface Group {
  readonly holders: readonly RangeEntry[];
  readonly ports: PortSet | "any";
}

/** By what they open, those to spare last. */
function sorted(entries: readonly RangeEntry[]): readonly RangeEntry[] {
  const texts = new Map(entries.map((entry) => [entry, `${entry.spare === true} ${textOf(entry)}`]));
  return entries.toSorted((a, b) => compareText(texts.get(a) ?? "", texts.get(b) ?? ""));
}

function textOf({ blocks, ports }: RangeEntry): string {
  const ranges = blocks.map(({ cidr, except }) => [cidr, ...except].map(({ text }) => text).join(" "));
  return `${ranges.sort().join("; ")} on ${describePorts(ports)}`;
}

/** Groups of rules of which none alone covers, each without what it covers without. */
function together(entries: readonly RangeEntry[], family: Family, budget: Budget): readonly Group[] {
  const groups = new Map<string, { holders: readonly RangeEntry[]; atoms: PortAtom[] }>();
  const asked = new Map<string, readonly RangeEntry[] | undefined>();
  const shareAt = sharesOf(entries, family);
  for (const atom of sharedAtoms(entries)) {
    if (shareAt(atom) < enough) continue;
    if (!budget.spend(1 + (entries.length >> 2))) break;
    const holders = entries.filter(({ ports }) => holdsAtom(ports, atom) === true);
    const key = keyOf(holders);
    if (!asked.has(key)) asked.set(key, needed(holders, family, budget));
    const group = asked.get(key);
    if (group === undefined) continue;
    const standing = groups.get(keyOf(group));
    if (standing === undefined) groups.set(keyOf(group), { holders: group, atoms: [atom] });
    else standing.atoms.push(atom);
  }
  return [...groups.values()].map(({ holders, atoms }) => ({ holders, ports: portsOf(atoms) }));
}

/** Those that it takes to cover, later ones left out first; `undefined` where all together do not, or nobody can say. */
function needed(
  holders: readonly RangeEntry[],
  family: Family,
  budget: Budget,
): readonly RangeEntry[] | undefined {
  const work = holders.reduce((sum, { blocks }) => sum + blocks.length, 0);
  if (holders.length < 2 || !budget.spend(work) || !coverMost(holders, family)) return undefined;
  let left = holders;
  for (const holder of holders.toReversed()) {
    const others = left.filter((each) => each !== holder);
    if (!budget.spend(work)) return left;
    if (coverMost(others, family)) left = others;
  }
  return left;
}

function keyOf(entries: readonly RangeEntry[]): string {
  return entries.map(({ index }) => index).join(" ");
}

/** How much of the family the ranges on a piece of the ports are at most, by their lengths: one pass over all ports. */
function sharesOf(entries: readonly RangeEntry[], family: Family): (atom: PortAtom) => number {
  const numbers = {
    TCP: new Float64Array(65_538),
    UDP: new Float64Array(65_538),
    SCTP: new Float64Array(65_538),
  };
  const names = new Map<string, number>();
  let onAny = 0;
  for (const { blocks, ports } of entries) {
    const share = blocks.reduce(
      (sum, { cidr }) => (cidr.family === family ? sum + 2 ** -cidr.prefix : sum),
      0,
    );
    if (ports === "any") onAny += share;
    else for (const protocol of protocols) add(ports[protocol], protocol, share);
  }
  for (const protocol of protocols) {
    const at = numbers[protocol];
    for (let port = 1; port < at.length; port++) at[port] = (at[port] ?? 0) + (at[port - 1] ?? 0);
  }
  return (atom) => {
    if (atom.kind === "rest") return onAny;
    if (atom.kind === "numbers") return onAny + (numbers[atom.protocol][atom.interval[0]] ?? 0);
    // Every port of a protocol holds its names as well.
    return onAny + (names.get(`${atom.protocol} ${atom.name}`) ?? 0) + (numbers[atom.protocol][1] ?? 0);
  };

  function add({ intervals, names: own }: ProtocolPorts, protocol: Protocol, share: number): void {
    const at = numbers[protocol];
    for (const [from, to] of intervals) {
      at[from] = (at[from] ?? 0) + share;
      at[to + 1] = (at[to + 1] ?? 0) - share;
    }
    for (const name of own) {
      const key = `${protocol} ${name}`;
      names.set(key, (names.get(key) ?? 0) + share);
    }
  }
}

/** Pieces of ports that two of them may share. */
function sharedAtoms(entries: readonly RangeEntry[]): readonly PortAtom[] {
  const named = entries.map(({ ports }) => ports).filter((ports) => ports !== "any");
  const onAny = entries.length - named.length;
  const atoms = named.length === 0 ? [] : portAtoms(unitePorts(named), named);
  return onAny > 1 ? [{ kind: "rest" }, ...atoms] : atoms;
}

function portsOf(atoms: readonly PortAtom[]): PortSet | "any" {
  const items: NetworkPolicyPort[] = [];
  for (const atom of atoms) {
    if (atom.kind === "rest") return "any";
    const { protocol } = atom;
    if (atom.kind === "name") items.push({ protocol, port: atom.name });
    else items.push({ protocol, port: atom.interval[0], endPort: atom.interval[1] });
  }
  return compilePorts(items).ports;
}
