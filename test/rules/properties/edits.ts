// Edits of a policy that open nothing new: whatever the policy violates, none of them may be denied.
import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "#src/wire/network-policy.ts";
import type { Random } from "../../fuzz/random.ts";
import { turned } from "./turned.ts";

interface Rule {
  peers: NetworkPolicyPeer[] | undefined;
  ports: NetworkPolicyPort[] | undefined;
}

/** A change of a spec; returns undefined where it has nothing to do. */
type Edit = (spec: NetworkPolicySpec, random: Random) => NetworkPolicySpec | undefined;

/** The rules of both directions, each list of them changed. */
function mapRules(spec: NetworkPolicySpec, change: (rules: Rule[]) => Rule[]): NetworkPolicySpec {
  const { ingress, egress } = spec;
  return {
    ...spec,
    ...(ingress && {
      ingress: change(ingress.map(({ from, ports }) => ({ peers: from, ports }))).map(({ peers, ports }) => ({
        ...(peers && { from: peers }),
        ...(ports && { ports }),
      })),
    }),
    ...(egress && {
      egress: change(egress.map(({ to, ports }) => ({ peers: to, ports }))).map(({ peers, ports }) => ({
        ...(peers && { to: peers }),
        ...(ports && { ports }),
      })),
    }),
  };
}

function mapSelectors(
  spec: NetworkPolicySpec,
  change: (selector: LabelSelector) => LabelSelector,
): NetworkPolicySpec {
  const changed = mapRules(spec, (rules) =>
    rules.map(({ peers, ports }) => ({
      peers: peers?.map(({ podSelector, namespaceSelector, ...rest }) => ({
        ...rest,
        ...(podSelector && { podSelector: change(podSelector) }),
        ...(namespaceSelector && { namespaceSelector: change(namespaceSelector) }),
      })),
      ports,
    })),
  );
  return changed.podSelector === undefined
    ? changed
    : { ...changed, podSelector: change(changed.podSelector) };
}

const twice = <T>(items: readonly T[], random: Random): T[] => {
  const item = items[random.below(items.length)];
  return item === undefined ? [...items] : [...items, structuredClone(item)];
};

/** Edits after which the policy means the same to the letter. */
export const sameMeaning: Readonly<Record<string, Edit>> = {
  "other order": (spec, random) => turned(spec, random),
  "a rule, a peer and a port twice": (spec, random) =>
    mapRules(spec, (rules) =>
      twice(
        rules.map(({ peers, ports }) => ({
          peers: peers && twice(peers, random),
          ports: ports && twice(ports, random),
        })),
        random,
      ),
    ),
  "pairs as expressions": (spec) =>
    mapSelectors(spec, ({ matchLabels = {}, matchExpressions = [] }) => ({
      matchExpressions: [
        ...matchExpressions,
        ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In", values: [value] })),
      ],
    })),
  "expressions as pairs": (spec) =>
    mapSelectors(spec, (selector) => {
      const { matchLabels = {}, matchExpressions = [] } = selector;
      const pairs = matchExpressions.flatMap(({ key, operator, values = [] }) => {
        const [value, ...more] = values;
        const isPair =
          operator === "In" && more.length === 0 && value !== undefined && !Object.hasOwn(matchLabels, key);
        return isPair ? [[key, value] as const] : [];
      });
      const keys = pairs.map(([key]) => key);
      // Two requirements on one key are no pair.
      if (new Set(keys).size < keys.length || pairs.length < matchExpressions.length) return selector;
      return { matchLabels: { ...matchLabels, ...Object.fromEntries(pairs) } };
    }),
  "each port a rule": (spec) =>
    mapRules(spec, (rules) =>
      rules.flatMap(({ peers, ports }) =>
        ports === undefined || ports.length === 0
          ? [{ peers, ports }]
          : ports.map((port) => ({ peers, ports: [port] })),
      ),
    ),
  "each peer a rule": (spec) =>
    mapRules(spec, (rules) =>
      rules.flatMap(({ peers, ports }) =>
        peers === undefined || peers.length === 0
          ? [{ peers, ports }]
          : peers.map((peer) => ({ peers: [peer], ports })),
      ),
    ),
  "rules of the same peers as one": (spec) =>
    mapRules(spec, (rules) => {
      const byPeers = Map.groupBy(rules, ({ peers = [] }) => JSON.stringify(peers));
      return [...byPeers.values()].flatMap((same) => {
        const [first] = same;
        const anyPort = same.some(({ ports = [] }) => ports.length === 0);
        if (first === undefined) return [];
        return [{ peers: first.peers, ports: anyPort ? undefined : same.flatMap(({ ports = [] }) => ports) }];
      });
    }),
  "a range of one port": (spec) =>
    mapRules(spec, (rules) =>
      rules.map(({ peers, ports }) => ({
        peers,
        ports: ports?.map((port) =>
          typeof port.port === "number" && port.endPort === undefined
            ? { ...port, endPort: port.port }
            : port,
        ),
      })),
    ),
};

/** Edits that take something away, and leave no list empty that was not: that would open. */
export const takingAway: Readonly<Record<string, Edit>> = {
  "a rule": (spec, random) =>
    mapRules(spec, (rules) => (rules.length === 0 ? rules : rules.toSpliced(random.below(rules.length), 1))),
  "a peer": (spec, random) =>
    mapRules(spec, (rules) => rules.map((rule) => ({ ...rule, peers: fewer(rule.peers, random) }))),
  "a port": (spec, random) =>
    mapRules(spec, (rules) => rules.map((rule) => ({ ...rule, ports: fewer(rule.ports, random) }))),
  "all rules": (spec) => mapRules(spec, () => []),
  "a part of a range": (spec) =>
    mapRules(spec, (rules) =>
      rules.map(({ peers, ports }) => ({
        ports,
        peers: peers?.map((peer) => {
          const { ipBlock } = peer;
          if (ipBlock === undefined || !/^(0\.0\.0\.0|10\.0\.0\.0)\/\d$/.test(ipBlock.cidr)) return peer;
          return { ipBlock: { ...ipBlock, except: [...(ipBlock.except ?? []), "10.200.0.0/16"] } };
        }),
      })),
    ),
};

function fewer<T>(items: T[] | undefined, random: Random): T[] | undefined {
  return items === undefined || items.length < 2 ? items : items.toSpliced(random.below(items.length), 1);
}
