import type { Direction } from "../wire/network-policy.ts";
import type { AllowEntry } from "./policy.ts";
import type { UnionEntry } from "./policy-set.ts";
import { allPorts, portSet, protocols, resolveName, subtractPorts, unitePorts } from "./ports.ts";
import type { NamedPort, PortSet } from "./ports.ts";
import { anyOf, peerMatches } from "./reachability.ts";
import type { Target } from "./reachability.ts";

/** The ports over which one end may reach another, as numbers of the pod that is connected to. */
export interface OpenPorts {
  readonly sure: PortSet;
  /** Those, and what may be open. */
  readonly possible: PortSet;
}

const none = portSet([]);
const every = portSet(
  protocols.flatMap((protocol) => allPorts.intervals.map((port) => ({ protocol, port }))),
);

/** Every port of the three protocols; what is of none of them is not asked about. */
export const everythingOpen: OpenPorts = { sure: every, possible: every };
export const unknownPorts: OpenPorts = { sure: none, possible: every };

/**
 * What the entries open towards the other end, in a policy of the namespace `own`. `named`: the ports of the pod that is
 * connected to, which of ingress is the policies' own. Of egress names do not surely count for ranges, as in entryOpens.
 */
export function opened(
  entries: readonly UnionEntry[],
  own: string,
  direction: Direction,
  other: Target,
  named: readonly NamedPort[],
): OpenPorts {
  const sure: PortSet[] = [];
  const possible: PortSet[] = [];
  for (const { entry } of entries) {
    const { bySelector, byRange } = whoIsMeant(entry, own, other);
    if (bySelector === false && byRange === false) continue;
    const ports = resolved(entry.ports, named);
    possible.push(ports.possible);
    if (bySelector === true || (byRange === true && direction === "ingress")) sure.push(ports.sure);
    else if (byRange === true) sure.push(resolved(entry.ports, []).sure);
  }
  return { sure: united(sure), possible: united(possible) };
}

/** Whether the other end is meant by a selector, or by no peers at all, and whether by a range. */
function whoIsMeant(
  { peers }: AllowEntry,
  own: string,
  other: Target,
): Readonly<Record<"bySelector" | "byRange", boolean | undefined>> {
  if (peers === "any") return { bySelector: true, byRange: false };
  const meant = (kind: "pods" | "ipBlock"): boolean | undefined =>
    anyOf(peers.filter((peer) => peer.kind === kind).map((peer) => peerMatches(peer, own, other)));
  return { bySelector: meant("pods"), byRange: meant("ipBlock") };
}

/** The numbers that a pod with these named ports has them stand for; a name with several numbers is not sure. */
function resolved(ports: PortSet | "any", named: readonly NamedPort[]): OpenPorts {
  if (ports === "any") return everythingOpen;
  const sure = protocols.flatMap((protocol) => ports[protocol].intervals.map((port) => ({ protocol, port })));
  const perhaps: typeof sure = [];
  for (const protocol of protocols) {
    for (const name of ports[protocol].names) {
      const numbers = [...resolveName(named, name, protocol)];
      const items = numbers.map((port) => ({ protocol, port: [port, port] as const }));
      (numbers.length === 1 ? sure : perhaps).push(...items);
    }
  }
  return { sure: portSet(sure), possible: portSet([...sure, ...perhaps]) };
}

function united(sets: readonly PortSet[]): PortSet {
  const union = unitePorts(sets);
  return union === "any" ? every : union;
}

/** What both sides of a connection open. */
export function openOnBoth(a: OpenPorts, b: OpenPorts): OpenPorts {
  return { sure: common(a.sure, b.sure), possible: common(a.possible, b.possible) };
}

function common(a: PortSet, b: PortSet): PortSet {
  if (a === every) return b;
  return b === every ? a : subtractPorts(a, subtractPorts(a, b));
}

/** The ports that are surely open in one and surely not in the other. */
export function openOnlyIn(one: OpenPorts, other: OpenPorts): PortSet {
  return subtractPorts(one.sure, other.possible);
}
