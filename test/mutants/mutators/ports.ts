import type { NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import {
  atOne,
  exchanged,
  isDns,
  replaced,
  withPeers,
  withPorts,
  type Direction,
  type Mutator,
  type Spot,
} from "../mutator.ts";

const hasNumbers = (spot: Spot): boolean =>
  !isDns(spot) &&
  spot.ports.length > 0 &&
  spot.ports.every(({ port, endPort }) => typeof port === "number" && endPort === undefined);
const isBlock = ({ ipBlock }: NetworkPolicyPeer): boolean => ipBlock !== undefined;
const isFamily4 = ({ ipBlock }: NetworkPolicyPeer): boolean =>
  ipBlock !== undefined && !ipBlock.cidr.includes(":");
const hasBlocks =
  (direction: Direction) =>
  (spot: Spot): boolean =>
    !isDns(spot) && spot.direction === direction && spot.peers.some(isFamily4);

const usualNames = new Set(["http", "https", "metrics", "dns", "dns-tcp", "pg", "peer"]);

function wholeInternet(direction: Direction): Mutator {
  return {
    id: `whole-internet-${direction}`,
    mistake: "`0.0.0.0/0` for want of the right range",
    rule: `any-ipblock-${direction}`,
    baselineCannot: "what serves the public says the same; restricted denies it",
    mutate: (set, random) =>
      atOne(set, random, hasBlocks(direction), (spot) =>
        exchanged(set, spot, isFamily4, () => [{ ipBlock: { cidr: "0.0.0.0/0" } }]),
      ),
  };
}

export const portMutators: readonly Mutator[] = [
  {
    id: "service-port",
    mistake: "the port of the Service instead of the container's: policies see what is behind the Service",
    rule: "service-port-not-container-port",
    baselineCannot: "the pod may listen on both",
    mutate: (set, random) => {
      if (!set.surroundings.some(({ kind, metadata }) => kind === "Service" && metadata.name !== "postgres"))
        return undefined;
      const behind = new Map([
        [8080, 80],
        [8443, 443],
      ]);
      return atOne(
        set,
        random,
        (spot) =>
          spot.direction === "ingress" &&
          (spot.policy.metadata.name.startsWith("web-from") ||
            spot.policy.metadata.name === "backend-in" ||
            spot.policy.metadata.name === "frontend-backend-in") &&
          spot.ports.some(({ port }) => behind.has(Number(port))),
        (spot) =>
          withPorts(
            set,
            spot,
            spot.ports.map((port) => ({ ...port, port: behind.get(Number(port.port)) ?? 1 })),
          ),
      );
    },
  },
  {
    id: "port-name-misspelt",
    mistake: "a port by a name that no container has",
    rule: "named-port-unresolved",
    baselineCannot: "the container that has the name may come later",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => spot.direction === "ingress" && spot.ports.some(({ port }) => usualNames.has(String(port))),
        (spot) =>
          withPorts(
            set,
            spot,
            spot.ports.map((port) => ({ ...port, port: `${port.port}-x` })),
          ),
      ),
  },
  {
    id: "port-left-out",
    mistake: "a protocol without a port: all its ports",
    rule: "protocol-only-port",
    baselineCannot: "it is valid and at times meant; restricted denies it",
    mutate: (set, random) =>
      atOne(set, random, hasNumbers, (spot) => withPorts(set, spot, [{ protocol: "TCP" }])),
  },
  {
    id: "range-to-the-end",
    mistake: "a range to the last port",
    rule: "wide-port-range",
    baselineCannot: "some protocols need wide ranges; restricted denies them",
    mutate: (set, random) =>
      atOne(set, random, hasNumbers, (spot) =>
        withPorts(
          set,
          spot,
          spot.ports.map((port) => ({ ...port, endPort: 65_535 })),
        ),
      ),
  },
  {
    id: "port-name-for-addresses",
    mistake: "a port by its name towards addresses: names are those of pods",
    rule: "named-port-on-ipblock",
    baselineCannot: "plugins differ in what they make of it",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) =>
          spot.direction === "egress" &&
          hasNumbers(spot) &&
          spot.peers.length > 0 &&
          spot.peers.every(isBlock),
        (spot) => withPorts(set, spot, [{ protocol: "TCP", port: "https" }]),
      ),
  },
  wholeInternet("ingress"),
  wholeInternet("egress"),
  {
    id: "internet-in-halves",
    mistake: "the whole internet as two halves, past a check that looks for `0.0.0.0/0`",
    rule: "any-ipblock-egress",
    baselineCannot: "what serves the public says the same; restricted denies it",
    mutate: (set, random) =>
      atOne(set, random, hasBlocks("egress"), (spot) =>
        exchanged(set, spot, isFamily4, () => [
          { ipBlock: { cidr: "0.0.0.0/1" } },
          { ipBlock: { cidr: "128.0.0.0/1" } },
        ]),
      ),
  },
  {
    id: "metadata-reached",
    mistake: "the internet with no thought of the cloud's metadata server at 169.254.169.254",
    rule: "metadata-endpoint-reachable",
    baselineCannot: "not every cluster runs in a cloud; restricted denies it",
    mutate: (set, random) =>
      set.platform.name === "gke-cloud-dns"
        ? undefined
        : atOne(set, random, hasBlocks("egress"), (spot) =>
            replaced(set, spot, {
              peers: [{ ipBlock: { cidr: "169.254.0.0/16", except: ["169.254.20.0/24"] } }],
            }),
          ),
  },
  {
    id: "except-taken-for-a-deny",
    mistake: "an address excepted in one rule, and allowed by another",
    rule: "except-as-deny",
    baselineCannot: "both may be meant",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        ({ peers }) => peers.some(({ ipBlock }) => (ipBlock?.except ?? []).length > 0),
        (spot) => {
          const hole = spot.peers.flatMap(({ ipBlock }) => ipBlock?.except ?? []).at(-1) ?? "";
          return withPeers(set, spot, [...spot.peers, { ipBlock: { cidr: hole } }]);
        },
      ),
  },
  {
    id: "host-bits",
    mistake: "a range with bits of a host: 10.0.5.7/24",
    rule: "cidr-not-canonical",
    baselineCannot: "kube-apiserver refuses it by itself from 1.36 on, and engines mask it",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        ({ peers }) => peers.some(isMasked),
        (spot) =>
          exchanged(set, spot, isMasked, ({ ipBlock }) => [
            { ipBlock: { ...ipBlock, cidr: (ipBlock?.cidr ?? "").replace(".0/24", ".7/24") } },
          ]),
      ),
  },
];

function isMasked({ ipBlock }: NetworkPolicyPeer): boolean {
  return ipBlock?.cidr.endsWith(".0/24") === true;
}
