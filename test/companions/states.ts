// Random states of a namespace's companions, and which of its pods may ask the DNS in them.
import { fc } from "@fast-check/vitest";
import { planOf, type Plan } from "#src/companions/plan.ts";
import {
  companionMarks,
  companionName,
  isCompanion,
  namespaceUidAnnotation,
  otherCompanionName,
} from "#src/intent/companion.ts";
import { desired } from "#src/intent/desired.ts";
import { specDigest } from "#src/intent/spec-digest.ts";
import type { DueCompanions } from "#src/model/companions.ts";
import { connects, type End } from "#src/network/connection.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { policySet } from "#src/network/policy-set.ts";
import { standingPolicy, type StandingPolicy } from "#src/view/companion-index.ts";
import { nothingDue } from "#src/view/due-companions.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { intents, read, written } from "../intent/arbitraries.ts";
import type { NaiveIntent } from "../intent/naive.ts";
import { endsOf, ours, surroundings } from "../intent/world.ts";

export const uid = "namespace-1";
export type State = ReadonlyMap<string, NetworkPolicy>;

/** What is due by an intent; undefined: none is declared. */
export function dueBy(intent: NaiveIntent | undefined, around = surroundings): DueCompanions {
  if (intent === undefined) return nothingDue;
  const value = read(written(intent));
  return { ...nothingDue, intent: { source: "declared", intent: value }, ...desired(value, around) };
}

function companion(name: string, spec: NetworkPolicySpec, namespaceUid = uid): NetworkPolicy {
  const { labels, annotations } = companionMarks(namespaceUid);
  return {
    metadata: { name, namespace: "shop", uid: "1", labels: { ...labels }, annotations: { ...annotations } },
    spec,
  };
}

/** What became of one companion before. */
type Fate = "stands" | "edited" | "missing" | "foreign" | "restored" | "unmarked" | "under its other name";
const fates: readonly Fate[] = [
  "edited",
  "missing",
  "foreign",
  "restored",
  "unmarked",
  "under its other name",
];

function suffered(
  name: string,
  spec: NetworkPolicySpec,
  fate: Fate,
  purpose: string,
  edit: NetworkPolicySpec,
): readonly NetworkPolicy[] {
  switch (fate) {
    case "stands":
      return [companion(name, spec)];
    case "edited":
      return [companion(name, edit)];
    case "missing":
      return [];
    case "foreign":
      return [{ metadata: { name, namespace: "shop", uid: "1" }, spec: edit }];
    case "restored":
      return [companion(name, spec, "namespace-0")];
    case "unmarked": {
      const policy = companion(name, spec);
      return [{ ...policy, metadata: { ...policy.metadata, annotations: {} } }];
    }
    case "under its other name":
      return [companion(otherCompanionName(purpose, uid), spec)];
  }
}

/** What others do to policies: they open, they close, and nobody opens DNS by the way. */
const edits: fc.Arbitrary<NetworkPolicySpec> = fc.constantFrom<NetworkPolicySpec>(
  { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
  { podSelector: {}, policyTypes: ["Egress"], egress: [] },
  { podSelector: { matchLabels: { app: "frontend" } }, policyTypes: ["Ingress", "Egress"] },
  {
    podSelector: { matchLabels: { app: "backend" } },
    policyTypes: ["Egress"],
    egress: [{ ports: [{ port: 443 }] }],
  },
);

export const before = (of: typeof intents) =>
  fc.record({
    intent: fc.option(of, { nil: undefined, freq: 4 }),
    fates: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Fate>("stands") },
        { weight: 1, arbitrary: fc.constantFrom(...fates) },
      ),
      {
        minLength: 1,
        maxLength: 12,
      },
    ),
    edits: fc.array(edits, { minLength: 1, maxLength: 4 }),
  });

export interface Before {
  readonly intent: NaiveIntent | undefined;
  readonly fates: readonly Fate[];
  readonly edits: readonly NetworkPolicySpec[];
}

export function stateOf({ intent, fates: given, edits: made }: Before): State {
  const policies = dueBy(intent).pieces.flatMap(({ purpose, spec }, index) =>
    suffered(
      companionName(purpose),
      spec,
      given[index % given.length] ?? "stands",
      purpose,
      made[index % made.length] ?? spec,
    ),
  );
  return new Map(policies.map((policy) => [policy.metadata.name ?? "", policy]));
}

export function planFor(due: DueCompanions, state: State): Plan {
  const standing = new Map<string, StandingPolicy>(
    [...state].map(([name, policy]) => [name, standingPolicy(policy)]),
  );
  return planOf(due, standing, uid);
}

/** The states on the way, the first and the last among them. */
export function wayOf({ writes, removals }: Plan, from: State): readonly State[] {
  const states = [from];
  const next = (change: (state: Map<string, NetworkPolicy>) => void): void => {
    const state = new Map(states.at(-1));
    change(state);
    states.push(state);
  };
  for (const { wanted } of writes)
    next((state) => state.set(wanted.name, companion(wanted.name, wanted.spec)));
  for (const { name } of removals) next((state) => state.delete(name));
  return states;
}

/** The pods of the namespace that may ask the cluster's DNS. */
export function resolving(state: State): ReadonlySet<string> {
  const compiled = [...state.values()].map((policy) => compilePolicy(policy));
  const ends = endsOf(policySet("shop", compiled));
  const dns = ends.get("kube-system/kube-dns") as End;
  const asks = (pod: string): boolean =>
    connects(ends.get(pod) as End, dns, { protocol: "UDP", port: 53 }).allowed === true;
  return new Set(ours.filter(asks));
}

export const texts = (state: State): string[] =>
  [...state.values()]
    .map(({ metadata, spec }) =>
      [
        metadata.name,
        isCompanion(metadata),
        metadata.annotations?.[namespaceUidAnnotation],
        specDigest(spec),
      ].join(" "),
    )
    .sort();

/**
 * Intents that open the DNS by `allowDNS` or not at all. What another key opens of it is an edge like others: written after
 * the default deny, removed before it.
 */
export const plain = intents.map((intent) => {
  const { allowEgressToNamespaces = [], allowEgressToCIDRs = [], connections = [] } = intent;
  const hasDns = (namespace: string | undefined): boolean => namespace === "kube-system";
  return {
    ...intent,
    allowEgressToNamespaces: allowEgressToNamespaces.filter(({ namespace }) => !hasDns(namespace)),
    connections: connections.filter(({ to }) => !hasDns(to.namespace)),
    allowEgressToCIDRs: allowEgressToCIDRs.filter(
      ({ cidr }) => !["10.0.0.0/8", "0.0.0.0/0", "::/0"].includes(cidr ?? ""),
    ),
  };
});

/** Those that close egress and open the DNS. */
export const closing = plain.map((intent) => ({
  ...intent,
  denyAll: { ingress: true, egress: true },
  allowDNS: true,
}));
