import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { isNamespace, type KubernetesObject } from "../../support/objects.ts";
import {
  added,
  atOne,
  exchanged,
  isDns,
  withPeers,
  type Direction,
  type Mutator,
  type Spot,
} from "../mutator.ts";
import type { PolicySetCase } from "../set.ts";

const nameLabel = "kubernetes.io/metadata.name";

/** The names that a selector by name alone names, in either spelling. */
function names(selector: LabelSelector | undefined): readonly string[] {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const value = matchLabels[nameLabel];
  if (value !== undefined && Object.keys(matchLabels).length === 1 && matchExpressions.length === 0)
    return [value];
  const [only, ...more] = matchExpressions;
  if (
    Object.keys(matchLabels).length > 0 ||
    more.length > 0 ||
    only?.key !== nameLabel ||
    only.operator !== "In"
  )
    return [];
  return only.values ?? [];
}

const namesOf = ({ namespaceSelector }: NetworkPolicyPeer): readonly string[] => names(namespaceSelector);
const isNamed = (peer: NetworkPolicyPeer): boolean => namesOf(peer).length > 0;
const isOrdinary =
  (direction?: Direction) =>
  (spot: Spot): boolean =>
    !isDns(spot) && (direction === undefined || spot.direction === direction);
const isPlainPods = ({ podSelector, namespaceSelector }: NetworkPolicyPeer): boolean =>
  namespaceSelector === undefined && Object.keys(podSelector?.matchLabels ?? {}).length > 0;

/** The same requirement on another key. */
function byKey(selector: LabelSelector | undefined, key: string): LabelSelector {
  const values = names(selector);
  const [only, ...more] = values;
  return only !== undefined && more.length === 0
    ? { matchLabels: { [key]: only } }
    : { matchExpressions: [{ key, operator: "In", values: [...values] }] };
}

function openToEveryNamespace(direction: Direction): Mutator {
  return {
    id: `every-namespace-${direction}`,
    mistake: "`namespaceSelector: {}`, taken for the own namespace",
    rule: `all-namespaces-${direction}`,
    baselineCannot: "it is valid and at times meant; restricted denies it",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary(direction)(spot) && spot.peers.some((peer) => peer.ipBlock === undefined),
        (spot) => withPeers(set, spot, [{ namespaceSelector: {} }]),
      ),
  };
}

function emptied(direction: Direction): Mutator {
  return {
    id: `empty-rule-${direction}`,
    mistake: "an empty list of a template, rendered as `- {}`: a rule that allows everything",
    rule: `allow-all-${direction}`,
    baselineCannot: "public frontends and crawlers say the same on purpose; restricted denies it",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary(direction)(spot) && spot.peers.length > 0,
        (spot) => ({
          ...withPeers({ ...set, policies: set.policies }, { ...spot, ports: [] }, undefined),
        }),
      ),
  };
}

export const peerMutators: readonly Mutator[] = [
  {
    id: "and-split-into-or",
    mistake: "one `-` too many: namespace and pods become two items, and either suffices",
    rule: "or-ed-selectors",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        ({ peers }) => peers.some(isBoth),
        (spot) =>
          exchanged(set, spot, isBoth, ({ namespaceSelector, podSelector }) => [
            { ...(namespaceSelector && { namespaceSelector }) },
            { ...(podSelector && { podSelector }) },
          ]),
      ),
  },
  {
    id: "namespace-by-name",
    mistake: "a namespace by the label `name` (or ns, namespace), which nobody sets",
    rule: "dead-namespace-selector",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary()(spot) && spot.peers.some(isNamed),
        (spot) =>
          exchanged(set, spot, isNamed, ({ namespaceSelector, ...rest }) => [
            {
              ...rest,
              namespaceSelector: byKey(namespaceSelector, random.pick(["name", "ns", "namespace"])),
            },
          ]),
      ),
  },
  {
    id: "namespace-by-own-label",
    mistake: "a namespace by a label that whoever may edit namespaces can give to another",
    rule: "spoofable-namespace-label",
    baselineCannot: "where only operators label namespaces it is sound; restricted asks for protected keys",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary()(spot) && spot.peers.some(isNamed),
        (spot) => {
          const values = spot.peers.flatMap(namesOf);
          const { policies } = exchanged(set, spot, isNamed, ({ namespaceSelector, ...rest }) => [
            { ...rest, namespaceSelector: byKey(namespaceSelector, "purpose") },
          ]);
          return { policies, surroundings: set.surroundings.map((object) => labelled(object, values)) };
        },
      ),
  },
  openToEveryNamespace("ingress"),
  openToEveryNamespace("egress"),
  emptied("ingress"),
  emptied("egress"),
  {
    id: "empty-to-with-ports",
    mistake: "`to: []` beside ports, read as nobody: it is anybody",
    rule: "any-peer-on-ports",
    baselineCannot:
      "`to` is gone before admission, and ports without peers are at times meant; restricted denies it",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary("egress")(spot) && spot.peers.length > 0 && spot.ports.length > 0,
        (spot) => withPeers(set, spot, []),
      ),
  },
  {
    id: "deny-written-as-not-in",
    mistake: "a policy that means to deny other namespaces by NotIn: it allows them",
    rule: "inverted-deny",
    mutate: (set, random) => {
      const direction = random.pick(["ingress", "egress"] as const);
      const others = {
        namespaceSelector: { matchExpressions: [{ key: nameLabel, operator: "NotIn", values: ["shop"] }] },
      };
      return added(
        set,
        "deny-other-namespaces",
        direction === "ingress"
          ? { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [others] }] }
          : { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [others] }] },
      );
    },
  },
  {
    id: "addresses-for-pods",
    mistake: "pods by the address that they have at this moment",
    rule: "ipblock-in-cluster",
    baselineCannot: "which ranges are the cluster's own is rarely known for certain",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary()(spot) && spot.peers.some(isPlainPods),
        (spot) => exchanged(set, spot, isPlainPods, () => [{ ipBlock: { cidr: "10.244.1.7/32" } }]),
      ),
  },
  {
    id: "peer-misspelt",
    mistake: "a peer's label misspelt: it selects nobody",
    rule: "dangling-peer",
    baselineCannot: "policies come before the pods that they name",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary()(spot) && spot.peers.some(isPlainPods),
        (spot) =>
          exchanged(set, spot, isPlainPods, ({ podSelector }) => [{ podSelector: misspelt(podSelector) }]),
      ),
  },
  {
    id: "namespace-left-out",
    mistake: "pods of another namespace without it: the item means the policy's own",
    rule: "dangling-peer",
    baselineCannot: "policies come before the pods that they name",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary()(spot) && spot.peers.some(isBoth),
        (spot) =>
          exchanged(set, spot, isBoth, ({ podSelector }) => [{ ...(podSelector && { podSelector }) }]),
      ),
  },
  {
    id: "all-pods-but",
    mistake: "every pod but some: pods that come later are among them unasked",
    rule: "negative-pod-peer",
    baselineCannot: "it is valid and at times meant",
    mutate: (set, random) =>
      atOne(
        set,
        random,
        (spot) => isOrdinary()(spot) && spot.peers.some(isPlainPods),
        (spot) =>
          exchanged(set, spot, isPlainPods, () => [
            { podSelector: { matchExpressions: [{ key: "legacy", operator: "DoesNotExist" }] } },
          ]),
      ),
  },
];

function isBoth({ namespaceSelector, podSelector }: NetworkPolicyPeer): boolean {
  return namespaceSelector !== undefined && podSelector !== undefined;
}

function misspelt(selector: LabelSelector | undefined): LabelSelector {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]) => [key, `${value}s`] as const,
  );
  return { matchLabels: Object.fromEntries(labels) };
}

/** The namespaces of these names get a label of their name; their policies' own stay as they are. */
function labelled(
  object: KubernetesObject,
  values: readonly string[],
): PolicySetCase["surroundings"][number] {
  const { name = "" } = object.metadata;
  if (!isNamespace(object) || !values.includes(name)) return object;
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, purpose: name } },
  };
}
