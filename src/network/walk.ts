import type { LabelSelector, LabelSelectorRequirement } from "../wire/meta.ts";
import type {
  Direction,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../wire/network-policy.ts";
import { compileSelector, namespaceNameLabel, type SelectorDomain } from "./selector.ts";

/** Where a part of a policy stands: ["spec", "egress", 1, "to", 0]. */
type Path = readonly (string | number)[];

/** One rule of a policy as written, whichever direction it is for. Every request walks them: paths are made on demand. */
class RuleAt {
  readonly direction: Direction;
  readonly index: number;
  /** Empty means any peer, as an absent list does. */
  readonly peers: readonly NetworkPolicyPeer[];
  /** Empty means any port, as an absent list does. */
  readonly ports: readonly NetworkPolicyPort[];

  constructor(
    direction: Direction,
    index: number,
    peers: readonly NetworkPolicyPeer[] = nothing,
    ports: readonly NetworkPolicyPort[] = nothing,
  ) {
    this.direction = direction;
    this.index = index;
    this.peers = peers;
    this.ports = ports;
  }

  get path(): Path {
    return ["spec", this.direction, this.index];
  }

  /** The path of its peer list: `from` or `to`. */
  get peersPath(): Path {
    return [...this.path, peerList(this.direction)];
  }
}

/** The name of the field that holds the peers of a rule. */
export function peerList(direction: Direction): "from" | "to" {
  return direction === "ingress" ? "from" : "to";
}

const nothing: readonly never[] = [];

export const directions = ["ingress", "egress"] as const satisfies readonly Direction[];

/** The name that policyTypes has for a direction. */
export function policyType(direction: Direction): "Ingress" | "Egress" {
  return direction === "ingress" ? "Ingress" : "Egress";
}

/**
 * Whether a policy speaks about a direction. Without policyTypes it always isolates ingress, and egress where it has
 * egress rules (SetDefaults_NetworkPolicy in k8s.io/kubernetes/pkg/apis/networking/v1).
 */
export function speaksOf(spec: NetworkPolicySpec, direction: Direction): boolean {
  const types = spec.policyTypes ?? [];
  if (types.length > 0) return types.includes(policyType(direction));
  return direction === "ingress" || (spec.egress ?? []).length > 0;
}

type Peers = readonly NetworkPolicyPeer[];
type Ports = readonly NetworkPolicyPort[];

/**
 * The rules of both directions, or of one, in the order of the object, of which `where` holds: of the hundreds that most
 * large policies have none is of interest, and nothing is made for those.
 *
 * `where` is best a function of its module, and gets what it needs besides handed on: one that is made for a request
 * grows hot within it, and is compiled again in the next.
 */
export function rulesOf<Given = undefined>(
  spec: NetworkPolicySpec,
  wanted: readonly Direction[] = directions,
  where: (peers: Peers, ports: Ports, given: Given) => boolean = always,
  ...[given]: Given extends undefined ? [] : [Given]
): RuleAt[] {
  const rules: RuleAt[] = [];
  const { ingress = nothing, egress = nothing } = spec;
  if (wanted.includes("ingress")) {
    for (let index = 0; index < ingress.length; index++) {
      const { from = nothing, ports = nothing } = ingress[index] ?? {};
      if (where(from, ports, given as Given)) rules.push(new RuleAt("ingress", index, from, ports));
    }
  }
  if (wanted.includes("egress")) {
    for (let index = 0; index < egress.length; index++) {
      const { to = nothing, ports = nothing } = egress[index] ?? {};
      if (where(to, ports, given as Given)) rules.push(new RuleAt("egress", index, to, ports));
    }
  }
  return rules;
}

function always(): boolean {
  return true;
}

/** A selector of a policy: its subject's, without a rule, or a peer's. */
class SelectorAt {
  readonly domain: "pods" | "namespaces";
  readonly selector: LabelSelector;
  readonly #rule: RuleAt | undefined;
  readonly #peer: number;

  constructor(domain: SelectorAt["domain"], selector: LabelSelector, rule?: RuleAt, peer = 0) {
    this.domain = domain;
    this.selector = selector;
    this.#rule = rule;
    this.#peer = peer;
  }

  get path(): Path {
    if (this.#rule === undefined) return ["spec", "podSelector"];
    const field = this.domain === "pods" ? "podSelector" : "namespaceSelector";
    return [...this.#rule.peersPath, this.#peer, field];
  }
}

/** The selectors that stand in a policy, its subject's and its peers', of which `where` holds (as for rulesOf). */
export function selectorsOf<Given>(
  spec: NetworkPolicySpec,
  where: SelectorTest<Given>,
  given: Given,
): SelectorAt[] {
  const found: SelectorAt[] = [];
  const { podSelector, ingress = nothing, egress = nothing } = spec;
  if (podSelector !== undefined && where(podSelector, "pods", given))
    found.push(new SelectorAt("pods", podSelector));
  for (let index = 0; index < ingress.length; index++) {
    const { from, ports } = ingress[index] ?? {};
    if (from !== undefined && holds(from, where, given))
      selectorsAt(new RuleAt("ingress", index, from, ports), where, given, found);
  }
  for (let index = 0; index < egress.length; index++) {
    const { to, ports } = egress[index] ?? {};
    if (to !== undefined && holds(to, where, given))
      selectorsAt(new RuleAt("egress", index, to, ports), where, given, found);
  }
  return found;
}

type SelectorTest<Given> = (selector: LabelSelector, domain: SelectorDomain, given: Given) => boolean;

function holds<Given>(peers: Peers, where: SelectorTest<Given>, given: Given): boolean {
  for (const { namespaceSelector, podSelector } of peers) {
    if (namespaceSelector !== undefined && where(namespaceSelector, "namespaces", given)) return true;
    if (podSelector !== undefined && where(podSelector, "pods", given)) return true;
  }
  return false;
}

function selectorsAt<Given>(
  rule: RuleAt,
  where: SelectorTest<Given>,
  given: Given,
  found: SelectorAt[],
): void {
  for (const [index, { namespaceSelector, podSelector }] of rule.peers.entries()) {
    if (namespaceSelector !== undefined && where(namespaceSelector, "namespaces", given))
      found.push(new SelectorAt("namespaces", namespaceSelector, rule, index));
    if (podSelector !== undefined && where(podSelector, "pods", given))
      found.push(new SelectorAt("pods", podSelector, rule, index));
  }
}

/** A peer of a rule in force. */
class PeerAt {
  readonly rule: RuleAt;
  readonly index: number;
  readonly peer: NetworkPolicyPeer;

  constructor(rule: RuleAt, index: number, peer: NetworkPolicyPeer) {
    this.rule = rule;
    this.index = index;
    this.peer = peer;
  }

  get path(): Path {
    return [...this.rule.peersPath, this.index];
  }

  /** The path of what is to go where the peer is to go: its rule, where it stands alone, since no peers mean everyone. */
  get removable(): Path {
    return this.rule.peers.length === 1 ? this.rule.path : this.path;
  }
}

export type { PeerAt, RuleAt };

/** The peers of which \`where\` holds (as for rulesOf), of the rules of these directions as far as they are in force. */
export function peersOf<Given = undefined>(
  spec: NetworkPolicySpec,
  wanted: readonly Direction[],
  where: (peer: NetworkPolicyPeer, given: Given) => boolean,
  ...[given]: Given extends undefined ? [] : [Given]
): PeerAt[] {
  const found: PeerAt[] = [];
  for (const direction of wanted) {
    const rules = direction === "ingress" ? spec.ingress : spec.egress;
    if (rules === undefined || rules.length === 0 || !speaksOf(spec, direction)) continue;
    for (let index = 0; index < rules.length; index++) {
      const rule: { from?: Peers; to?: Peers; ports?: Ports } = rules[index] ?? {};
      const peers = (direction === "ingress" ? rule.from : rule.to) ?? nothing;
      for (let at = 0; at < peers.length; at++) {
        const peer = peers[at];
        if (peer === undefined || !where(peer, given as Given)) continue;
        found.push(new PeerAt(new RuleAt(direction, index, peers, rule.ports), at, peer));
      }
    }
  }
  return found;
}

/** Whether it selects every object there can be: no requirement, or none but that every namespace has its name. */
export function selectsEverything(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  domain: SelectorDomain,
): boolean {
  for (const key in matchLabels) if (Object.hasOwn(matchLabels, key)) return false;
  return (
    matchExpressions.length === 0 ||
    (domain === "namespaces" &&
      matchExpressions.every(({ key, operator }) => key === namespaceNameLabel && operator === "Exists"))
  );
}

/** The rules of a direction in force that name neither peers nor ports, and so allow everything. */
export function unrestrictedRules(spec: NetworkPolicySpec, direction: Direction): RuleAt[] {
  if (!speaksOf(spec, direction)) return [];
  return rulesOf(spec, [direction], isUnrestricted);
}

function isUnrestricted(peers: Peers, ports: Ports): boolean {
  return peers.length === 0 && ports.length === 0;
}

/** A selector as its author wrote it, in kubectl's form: `app=web,tier in (a,b),!legacy`; `{}` for everything. */
export function selectorText(selector: LabelSelector): string {
  const parts: string[] = [];
  const labels = selector.matchLabels ?? {};
  for (const key in labels) if (Object.hasOwn(labels, key)) parts.push(`${key}=${String(labels[key])}`);
  for (const expression of selector.matchExpressions ?? []) parts.push(expressionText(expression));
  const text = parts.join(",");
  return text === "" ? "{}" : text;
}

function expressionText({ key, operator, values }: LabelSelectorRequirement): string {
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  return `${key} ${operator.toLowerCase()} (${(values ?? []).join(",")})`;
}

/**
 * Equal for selectors that make the same requirements, in whatever order and words (`app=web` and `app in (web)`). Unlike
 * the text of a compiled selector it also tells contradictions apart. What cannot be read stands as it is written.
 */
export function selectorKey(selector: LabelSelector, domain: SelectorDomain): string {
  const pairs = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    matchLabels: { [key]: value },
  }));
  const expressions = (selector.matchExpressions ?? []).map((expression) => ({
    matchExpressions: [expression],
  }));
  const keys = [...pairs, ...expressions].map(
    (requirement) => compileSelector(requirement, domain)?.text ?? selectorText(requirement),
  );
  return [...new Set(keys)].sort().join(",");
}
