import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import type { DnsProfile } from "./dns-profile.ts";
import { compilePorts, portSet, subtractPorts, type PortSet } from "./ports.ts";

/** Where a resolver is found to listen: the port of DNS, and those of OpenShift's and Gardener's pods. */
const wellKnown = [53, 5353, 8053];
/** As the containers of kube-dns name theirs, and all that were made after it. */
const wellKnownNames = ["dns", "dns-tcp"];

/**
 * The ports on which DNS is asked in this cluster, over UDP and TCP: 53 always, and those on which its resolvers listen
 * and their Services; where the profile is not known all on which resolvers are known to listen somewhere.
 */
export function dnsPorts(profile: DnsProfile): PortSet {
  const ports = new Set<number | string>(
    profile.known ? [53, ...wellKnownNames] : [...wellKnown, ...wellKnownNames],
  );
  for (const { endpoints, servicePorts } of profile.known ? profile.resolvers : []) {
    for (const { port } of servicePorts) ports.add(port);
    for (const endpoint of endpoints) {
      for (const { port } of endpoint.ports) ports.add(port);
      for (const { name, port } of endpoint.namedPorts) {
        if (endpoint.ports.some((each) => each.port === port)) ports.add(name);
      }
    }
  }
  const items = [...ports].flatMap((port): NetworkPolicyPort[] => [
    { protocol: "UDP", port },
    { protocol: "TCP", port },
  ]);
  return portsOf(items);
}

/** What the items of a rule open that is more than DNS: those that name its ports and no others are left out. */
export function portsBesideDns(items: readonly NetworkPolicyPort[], dns: PortSet): PortSet | "any" {
  if (items.length === 0) return "any";
  return portsOf(items.filter((item) => !isDnsAlone(item, dns)));
}

/**
 * The ports of DNS that the items of a rule name, and not merely hold among others, as a range of ports does;
 * `undefined` where there are none.
 */
export function namedDnsPorts(items: readonly NetworkPolicyPort[], dns: PortSet): PortSet | undefined {
  const named = items.filter((item) => isDnsAlone(item, dns));
  return named.length === 0 ? undefined : portsOf(named);
}

/** What of the ports is of DNS. */
export function dnsAmong(ports: PortSet | "any", dns: PortSet): PortSet {
  return ports === "any" ? dns : subtractPorts(ports, subtractPorts(ports, dns));
}

/** Asked of each item of each rule without peers: nothing is compiled for it. */
function isDnsAlone({ protocol = "TCP", port, endPort }: NetworkPolicyPort, dns: PortSet): boolean {
  if ((protocol !== "TCP" && protocol !== "UDP") || port === undefined) return false;
  const { intervals, names } = dns[protocol];
  if (typeof port === "string") return endPort === undefined && names.includes(port);
  const last = endPort ?? port;
  return last >= port && intervals.some(([from, to]) => from <= port && last <= to);
}

/** Of a list with nothing in it: no port. */
function portsOf(items: readonly NetworkPolicyPort[]): PortSet {
  const { ports } = compilePorts(items);
  return items.length === 0 || ports === "any" ? none : ports;
}

const none = portSet([]);
