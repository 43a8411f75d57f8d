import type { NetworkPolicyPeer, NetworkPolicyPort } from "#src/wire/network-policy.ts";
import { cutOff, lacksTcp } from "../oracle.ts";
import {
  atOne,
  changed,
  exchanged,
  isDns,
  removed,
  spotsOf,
  withPeers,
  withPorts,
  replaced,
  type Mutator,
} from "../mutator.ts";
import type { PolicySetCase } from "../set.ts";

const isCutOff = (mutant: PolicySetCase): boolean => cutOff(mutant, "UDP").size > 0;
const rule = "missing-dns-egress";

/** The rule that people find in the documentation. */
const ofTheDocumentation: NetworkPolicyPeer = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
};

const otherPorts = new Map<NetworkPolicyPort["port"], number>([
  [53, 5353],
  [5353, 53],
  [8053, 53],
]);

export const dnsMutators: readonly Mutator[] = [
  {
    id: "dns-left-out",
    mistake: "egress is denied, and nobody thought of DNS",
    rule,
    harms: isCutOff,
    mutate: (set, random) =>
      atOne(set, random, isDns, ({ policy, index }) =>
        policy.spec.egress?.length === 1
          ? removed(set, policy)
          : changed(set, policy, (spec) => spec.egress?.splice(index, 1)),
      ),
  },
  {
    id: "dns-over-tcp-alone",
    mistake: "DNS is opened without `protocol: UDP`: a port is TCP where nothing is said",
    rule,
    harms: isCutOff,
    mutate: (set, random) =>
      atOne(set, random, isDns, (spot) =>
        withPorts(
          set,
          spot,
          spot.ports.filter(({ protocol }) => protocol === "TCP"),
        ),
      ),
  },
  {
    id: "dns-on-another-port",
    mistake: "the DNS port of another platform, or the Service's instead of the pods'",
    rule,
    harms: isCutOff,
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isDns(spot) && spot.ports.every(({ port }) => otherPorts.has(port)),
        (spot) =>
          withPorts(
            set,
            spot,
            spot.ports
              .filter(
                ({ port }) =>
                  port !== 53 || !spot.ports.some((other) => other.port === 8053 || other.port === 5353),
              )
              .map((port) => ({ ...port, port: otherPorts.get(port.port) ?? 1 })),
          ),
      ),
  },
  {
    id: "dns-pods-at-home",
    mistake:
      "the resolver's pods without their namespace: an item with a podSelector alone means the policy's own",
    rule,
    harms: isCutOff,
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isDns(spot) && spot.peers.some(hasBoth),
        (spot) =>
          withPeers(
            set,
            spot,
            spot.peers.map(({ namespaceSelector, podSelector, ...rest }) =>
              podSelector === undefined
                ? { ...rest, ...(namespaceSelector && { namespaceSelector }) }
                : { podSelector, ...rest },
            ),
          ),
      ),
  },
  {
    id: "dns-namespace-by-name",
    mistake: "kube-system by the label `name`, which nobody sets",
    rule,
    also: ["dead-namespace-selector"],
    harms: isCutOff,
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isDns(spot) && spot.peers.some(byName),
        (spot) =>
          exchanged(set, spot, byName, ({ namespaceSelector, ...rest }) => [
            { ...rest, namespaceSelector: { matchLabels: { name: valueOf(namespaceSelector) } } },
          ]),
      ),
  },
  {
    id: "dns-pods-by-another-label",
    mistake: "the resolver's pods by the name of the program, not by their label",
    rule,
    harms: isCutOff,
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isDns(spot) && spot.peers.some(hasBoth),
        (spot) =>
          withPeers(
            set,
            spot,
            spot.peers.map((peer) =>
              peer.podSelector === undefined
                ? peer
                : { ...peer, podSelector: { matchLabels: { "k8s-app": "coredns" } } },
            ),
          ),
      ),
  },
  {
    id: "dns-of-the-documentation",
    mistake: "the DNS rule of the documentation, on a cluster whose resolver is elsewhere",
    rule,
    mutate: (set, random) =>
      set.platform.name === "kubeadm"
        ? undefined
        : atOne(
            set,
            random,
            (spot) =>
              isDns(spot) &&
              spotsOf(set).filter((other) => isDns(other) && home(other) === home(spot)).length === 1,
            (spot) =>
              replaced(set, spot, {
                peers: [ofTheDocumentation],
                ports: [
                  { protocol: "UDP", port: 53 },
                  { protocol: "TCP", port: 53 },
                ],
              }),
          ),
  },
  {
    id: "dns-udp-alone",
    mistake: "DNS over UDP alone: answers that do not fit a datagram never come",
    rule: "dns-udp-only",
    baselineCannot: "most names resolve; restricted asks for TCP",
    harms: lacksTcp,
    mutate: (set, random) =>
      atOne(set, random, isDns, (spot) =>
        withPorts(
          set,
          spot,
          spot.ports.filter(({ protocol }) => protocol === "UDP"),
        ),
      ),
  },
  {
    id: "dns-to-anyone",
    mistake: "the port of DNS without peers: any resolver of the world may be asked",
    rule: "dns-open-to-world",
    baselineCannot: "names resolve; that others may be asked as well is hardening",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isDns(spot) && spot.peers.length > 0 && spot.ports.some(({ port }) => port === 53),
        (spot) => withPeers(set, spot, undefined),
      ),
  },
];

const home = ({ policy }: { policy: { metadata: { namespace: string } } }): string =>
  policy.metadata.namespace;

function hasBoth({ namespaceSelector, podSelector }: NetworkPolicyPeer): boolean {
  return namespaceSelector !== undefined && podSelector !== undefined;
}

function byName({ namespaceSelector }: NetworkPolicyPeer): boolean {
  return namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] !== undefined;
}

function valueOf(selector: NetworkPolicyPeer["namespaceSelector"]): string {
  return selector?.matchLabels?.["kubernetes.io/metadata.name"] ?? "";
}
