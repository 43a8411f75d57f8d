import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { compareText } from "./labels.ts";

export const protocols = ["TCP", "UDP", "SCTP"] as const;
export type Protocol = (typeof protocols)[number];

/** From and to, both included. */
export type Interval = readonly [number, number];

/** Ports of one protocol: numbers, and names that each pod resolves for itself. */
export interface ProtocolPorts {
  /** Sorted, disjoint, not adjacent. */
  readonly intervals: readonly Interval[];
  /** Names of container ports, sorted. */
  readonly names: readonly string[];
}

/** Ports by protocol. "any" in its place (no `ports`, or an empty list) also holds what is none of the three protocols. */
export interface PortSet {
  readonly TCP: ProtocolPorts;
  readonly UDP: ProtocolPorts;
  readonly SCTP: ProtocolPorts;
  /** Canonical, also for people: `53/TCP, 8000-8080/TCP, dns/UDP, all/SCTP`. */
  readonly text: string;
}

/** A named port of a container. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** A port of a Service, and the port of the pods that it stands for: what policies see. */
export interface ServicePort {
  /** Empty where it has none, as the only port of a Service may. */
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  /** A number, or the name of a container port, which each pod resolves for itself. */
  readonly targetPort: number | string;
}

const lowest = 1;
const highest = 65_535;
const noPorts: ProtocolPorts = { intervals: [], names: [] };
/** Every port of one protocol. */
export const allPorts: ProtocolPorts = { intervals: [[lowest, highest]], names: [] };

/**
 * The ports of a rule. Absent and empty both mean "any". `readable` is false where an item is not what the API allows
 * (unknown protocol, a number outside 1-65535, endPort below port, with a name or without a port): it then opens nothing.
 */
export function compilePorts(ports: readonly (NetworkPolicyPort | null)[] | null | undefined): {
  ports: PortSet | "any";
  readable: boolean;
} {
  if (ports === null || ports === undefined || ports.length === 0) return { ports: "any", readable: true };
  const items: { protocol: Protocol; ports: ProtocolPorts }[] = [];
  for (const port of ports) {
    const item = compilePort(port ?? {});
    if (item !== undefined) items.push(item);
  }
  return { ports: gather(items), readable: items.length === ports.length };
}

function compilePort(item: NetworkPolicyPort): { protocol: Protocol; ports: ProtocolPorts } | undefined {
  const protocol = protocols.find((known) => known === (item.protocol ?? "TCP"));
  if (protocol === undefined) return undefined;
  const port = item.port ?? undefined;
  const endPort = item.endPort ?? undefined;
  if (port === undefined) {
    return endPort === undefined ? { protocol, ports: allPorts } : undefined;
  }
  if (typeof port === "string") {
    return endPort === undefined && port !== ""
      ? { protocol, ports: { intervals: [], names: [port] } }
      : undefined;
  }
  const last = endPort ?? port;
  if (!isPort(port) || !isPort(last) || last < port) return undefined;
  return { protocol, ports: { intervals: [[port, last]], names: [] } };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= lowest && port <= highest;
}

/** The set of these single ports and intervals. */
export function portSet(items: Iterable<{ protocol: Protocol; port: number | Interval }>): PortSet {
  return gather(
    [...items].map(({ protocol, port }) => ({
      protocol,
      ports: { intervals: [typeof port === "number" ? ([port, port] as const) : port], names: [] },
    })),
  );
}

/**
 * Whether this port of a pod is open. `named`: the pod's own named ports; where it is undefined, or one name stands for
 * several ports of the pod, a name may or may not mean this port: `undefined`.
 */
export function opensPort(
  ports: PortSet | "any",
  protocol: Protocol,
  port: number,
  named: readonly NamedPort[] | undefined,
): boolean | undefined {
  if (ports === "any") return true;
  const { intervals, names } = ports[protocol];
  if (holdsNumber(intervals, port)) return true;
  let answer: boolean | undefined = false;
  for (const name of names) {
    const resolved = named === undefined ? undefined : resolveName(named, name, protocol);
    if (resolved === undefined) {
      answer = undefined;
    } else if (resolved.has(port)) {
      if (resolved.size === 1) return true;
      answer = undefined;
    }
  }
  return answer;
}

/** The port numbers that a name stands for on a pod; name and protocol must both match, as Kubernetes' FindPort asks of target ports. */
export function resolveName(
  named: readonly NamedPort[],
  name: string,
  protocol: Protocol,
): ReadonlySet<number> {
  return new Set(
    named.filter((port) => port.name === name && port.protocol === protocol).map(({ port }) => port),
  );
}

/** The TCP port of a pod that a Service's target port means; undefined where the name stands for none there, or for several. */
export function targetNumber(named: readonly NamedPort[], targetPort: number | string): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  const [only, ...more] = resolveName(named, targetPort, "TCP");
  return more.length === 0 ? only : undefined;
}

/** Whether every port of `b` is in `a`, on every pod there can be; `undefined` where that depends on a pod's names. */
export function coversPorts(a: PortSet | "any", b: PortSet | "any"): boolean | undefined {
  if (a === "any") return true;
  if (b === "any") return false;
  let answer: boolean | undefined = true;
  for (const protocol of protocols) {
    const rest = subtractProtocol(b[protocol], a[protocol]);
    if (isEmptyProtocol(rest)) continue;
    // A name that is left may stand for a port of `a`, and a name of `a` for a port that is left.
    const dependsOnNames =
      rest.intervals.length === 0 ? !isEmptyProtocol(a[protocol]) : a[protocol].names.length > 0;
    if (!dependsOnNames || size(rest.intervals) > a[protocol].names.length) return false;
    answer = undefined;
  }
  return answer;
}

/** What is in `a` and not in `b`; a name is taken away only by the same name or by every port of its protocol. */
export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  return build((protocol) => subtractProtocol(a[protocol], b[protocol]));
}

/** Everything that is in one of them. */
export function unitePorts(sets: readonly (PortSet | "any")[]): PortSet | "any" {
  const items: { protocol: Protocol; ports: ProtocolPorts }[] = [];
  for (const set of sets) {
    if (set === "any") return "any";
    for (const protocol of protocols) items.push({ protocol, ports: set[protocol] });
  }
  return gather(items);
}

/** Whether both hold a port; `undefined` where that depends on a pod's names. */
export function portsOverlap(a: PortSet | "any", b: PortSet | "any"): boolean | undefined {
  if (a === "any") return b === "any" || !isEmptyPorts(b);
  if (b === "any") return !isEmptyPorts(a);
  let answer: boolean | undefined = false;
  for (const protocol of protocols) {
    const [x, y] = [a[protocol], b[protocol]];
    const rest = subtractProtocol(x, y);
    if (size(rest.intervals) < size(x.intervals) || rest.names.length < x.names.length) return true;
    const names = x.names.length > 0 ? !isEmptyProtocol(y) : y.names.length > 0 && !isEmptyProtocol(x);
    if (names) answer = undefined;
  }
  return answer;
}

/** Whether nothing is in it: none of the items could be read. */
export function isEmptyPorts(ports: PortSet): boolean {
  return protocols.every((protocol) => isEmptyProtocol(ports[protocol]));
}

/** Whether every port of the protocol is in it. */
export function opensEveryPort(ports: PortSet | "any", protocol: Protocol): boolean {
  return ports === "any" || isEveryPort(ports[protocol]);
}

/** Whether one of the intervals, which are sorted and disjoint, holds the number: by halves, for there may be thousands. */
export function holdsNumber(intervals: readonly Interval[], number: number): boolean {
  let low = 0;
  let high = intervals.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const [from, to] = intervals[middle] ?? [number, number];
    if (number < from) high = middle - 1;
    else if (number > to) low = middle + 1;
    else return true;
  }
  return false;
}

/** How many port numbers the intervals hold. */
export function size(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

/** For people: "any port", or the canonical text. */
export function describePorts(ports: PortSet | "any"): string {
  return ports === "any" ? "any port" : ports.text;
}

function isEmptyProtocol(ports: ProtocolPorts): boolean {
  return ports.intervals.length === 0 && ports.names.length === 0;
}

/** Whether it holds every port of its protocol, by number. */
export function isEveryPort(ports: ProtocolPorts): boolean {
  const [first] = ports.intervals;
  return first !== undefined && first[0] === lowest && first[1] === highest;
}

function subtractProtocol(a: ProtocolPorts, b: ProtocolPorts): ProtocolPorts {
  if (isEmptyProtocol(a) || isEveryPort(b)) return noPorts;
  const taken = new Set(b.names);
  return {
    intervals: subtractIntervals(a.intervals, b.intervals),
    names: a.names.filter((name) => !taken.has(name)),
  };
}

/** Both sorted and disjoint; one pass over each. */
function subtractIntervals(from: readonly Interval[], holes: readonly Interval[]): readonly Interval[] {
  const rest: Interval[] = [];
  let next = 0;
  for (const [start, end] of from) {
    let low = start;
    while ((holes[next]?.[1] ?? low) < low) next += 1;
    for (let i = next; low <= end; i += 1) {
      const [first, last] = holes[i] ?? [end + 1, end];
      if (first > low) rest.push([low, Math.min(end, first - 1)]);
      low = last + 1;
    }
  }
  return rest;
}

function gather(items: readonly { protocol: Protocol; ports: ProtocolPorts }[]): PortSet {
  return build((protocol) => {
    const mine = items.filter((item) => item.protocol === protocol).map(({ ports }) => ports);
    if (mine.length === 0) return noPorts;
    const intervals = merge(mine.flatMap((ports) => ports.intervals));
    const names = [...new Set(mine.flatMap((ports) => ports.names))].sort(compareText);
    return isEveryPort({ intervals, names }) ? allPorts : { intervals, names };
  });
}

function merge(intervals: readonly Interval[]): readonly Interval[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function build(of: (protocol: Protocol) => ProtocolPorts): PortSet {
  const ports = { TCP: of("TCP"), UDP: of("UDP"), SCTP: of("SCTP") };
  return {
    ...ports,
    text: protocols.flatMap((protocol) => protocolText(ports[protocol], protocol)).join(", "),
  };
}

function protocolText(ports: ProtocolPorts, protocol: Protocol): string[] {
  if (isEveryPort(ports)) return [`all/${protocol}`];
  const numbers = ports.intervals.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return [...numbers, ...ports.names.map(portName)].map((port) => `${port}/${protocol}`);
}

/** Before validation a name may hold anything; what could be read as another port set is quoted. */
function portName(name: string): string {
  return /^[a-z0-9-]*[a-z][a-z0-9-]*$/.test(name) && name !== "all" ? name : JSON.stringify(name);
}
