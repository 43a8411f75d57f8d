import type { LabelSelector } from "../../wire/meta.ts";
import type {
  Direction,
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../wire/network-policy.ts";
import { parseCidr } from "../cidr.ts";
import type { Cidr } from "../cidr.ts";
import { isCompanion } from "../companion-marks.ts";
import type { Interner } from "../interner.ts";
import { networkPolicyOrder, peerText } from "../policy.ts";
import type { AllowEntry, CompiledPolicy, Peer } from "../policy.ts";
import { compilePorts } from "../ports.ts";
import { compileSelector, everything, nothing } from "../selector.ts";
import type { Selector, SelectorDomain } from "../selector.ts";

/**
 * Compiles a networking.k8s.io/v1 NetworkPolicy, defaulted by kube-apiserver or not. Never throws on JSON of the API's
 * types: what cannot be read selects and opens nothing, and `readable` says so. With an interner, for policies that are
 * kept: what they have in common is then kept once.
 */
export function compilePolicy(policy: NetworkPolicy, interner?: Interner): CompiledPolicy {
  const reading = new Reading(interner);
  const head = readHead(policy, reading);
  const entries = readEntries(policy.spec ?? {}, head.isolates, reading);
  return { ...head, ...entries, readable: reading.clean };
}

/**
 * The same for a policy that is asked about and not kept: its rules are compiled when they are first asked for, and most
 * verdicts are found without them. The spec must not change afterwards.
 */
export function readPolicy(policy: NetworkPolicy): CompiledPolicy {
  return new PolicyOnDemand(policy);
}

/** One peer of a rule; `undefined` where it cannot be read. */
export function compilePeer(peer: NetworkPolicyPeer): Peer | undefined {
  return new Reading(undefined).peer(peer);
}

type Head = Omit<CompiledPolicy, Direction | "readable">;
type Entries = Pick<CompiledPolicy, Direction>;

class PolicyOnDemand implements CompiledPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly subject: Selector;
  readonly isolates: CompiledPolicy["isolates"];
  readonly order = networkPolicyOrder;
  readonly terminating: boolean;
  readonly companion: boolean;
  readonly #spec: NetworkPolicySpec;
  readonly #reading = new Reading(undefined);
  #entries: Entries | undefined;

  constructor(policy: NetworkPolicy) {
    const head = readHead(policy, this.#reading);
    this.namespace = head.namespace;
    this.name = head.name;
    this.subject = head.subject;
    this.isolates = head.isolates;
    this.terminating = head.terminating;
    this.companion = head.companion;
    this.#spec = policy.spec ?? {};
  }

  get ingress(): readonly AllowEntry[] {
    return this.#compiled().ingress;
  }

  get egress(): readonly AllowEntry[] {
    return this.#compiled().egress;
  }

  get readable(): boolean {
    this.#compiled();
    return this.#reading.clean;
  }

  #compiled(): Entries {
    this.#entries ??= readEntries(this.#spec, this.isolates, this.#reading);
    return this.#entries;
  }
}

function readHead({ metadata, spec = {} }: NetworkPolicy, reading: Reading): Head {
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    subject: reading.selector(spec.podSelector, "pods") ?? nothing("pods"),
    isolates: effectiveDirections(spec),
    order: networkPolicyOrder,
    terminating: given(metadata.deletionTimestamp),
    companion: isCompanion(metadata),
  };
}

function readEntries(spec: NetworkPolicySpec, isolates: Head["isolates"], reading: Reading): Entries {
  return {
    ingress: isolates.ingress
      ? reading.entries(spec.ingress?.map(({ from, ports }) => ({ peers: from, ports })))
      : none,
    egress: isolates.egress
      ? reading.entries(spec.egress?.map(({ to, ports }) => ({ peers: to, ports })))
      : none,
  };
}

/**
 * The directions that a spec isolates: its policyTypes, or, where there are none, ingress, and egress if there is an
 * egress rule (SetDefaults_NetworkPolicy).
 */
export function effectiveDirections(spec: NetworkPolicySpec): Readonly<Record<Direction, boolean>> {
  const types = spec.policyTypes ?? [];
  const defaulted = types.length === 0;
  const ingress = defaulted || types.includes("Ingress");
  const egress = defaulted ? (spec.egress ?? []).length > 0 : types.includes("Egress");
  return directions[`${ingress}/${egress}`];
}

/** Shared: thousands of policies have one of these four. */
const directions = {
  "true/true": { ingress: true, egress: true },
  "true/false": { ingress: true, egress: false },
  "false/true": { ingress: false, egress: true },
  "false/false": { ingress: false, egress: false },
} as const;
const none: readonly AllowEntry[] = [];

interface WireRule {
  readonly peers?: readonly NetworkPolicyPeer[] | null | undefined;
  readonly ports?: readonly NetworkPolicyPort[] | null | undefined;
}

/** Reads the parts of one policy and remembers whether all of them could be read. */
class Reading {
  readonly #interner: Interner | undefined;
  clean = true;

  constructor(interner: Interner | undefined) {
    this.#interner = interner;
  }

  selector(selector: LabelSelector | undefined, domain: SelectorDomain): Selector | undefined {
    const compiled = compileSelector(selector, domain);
    if (compiled !== undefined) return this.#interner?.internSelector(compiled) ?? compiled;
    this.clean = false;
    return undefined;
  }

  entries(rules: readonly WireRule[] | undefined): readonly AllowEntry[] {
    if (rules === undefined || rules.length === 0) return none;
    return rules.map((rule, index) => ({
      action: "allow",
      peers: this.#peers(rule.peers),
      ports: this.#ports(rule.ports),
      index,
    }));
  }

  #ports(wire: readonly NetworkPolicyPort[] | null | undefined): AllowEntry["ports"] {
    const { ports, readable } = compilePorts(wire);
    if (!readable) this.clean = false;
    return ports === "any" ? ports : (this.#interner?.internPorts(ports) ?? ports);
  }

  #peers(wire: readonly NetworkPolicyPeer[] | null | undefined): AllowEntry["peers"] {
    if (wire === undefined || wire === null || wire.length === 0) return "any";
    const peers: Peer[] = [];
    for (const peer of wire) {
      const compiled = given(peer) ? this.peer(peer) : undefined;
      if (compiled === undefined) this.clean = false;
      else peers.push(compiled);
    }
    return this.#interner?.internPeers(peers.map(peerText).join("; "), peers) ?? peers;
  }

  /** `undefined`: no field at all, an ipBlock together with a selector, or a field that cannot be read. */
  peer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): Peer | undefined {
    if (given(ipBlock)) {
      return given(podSelector) || given(namespaceSelector) ? undefined : ipBlockPeer(ipBlock);
    }
    if (!given(podSelector) && !given(namespaceSelector)) return undefined;
    const pods = given(podSelector) ? this.selector(podSelector, "pods") : everything("pods");
    const namespaces = given(namespaceSelector) ? this.selector(namespaceSelector, "namespaces") : "own";
    return pods === undefined || namespaces === undefined ? undefined : { kind: "pods", namespaces, pods };
  }
}

function ipBlockPeer(block: IPBlock): Peer | undefined {
  const cidr = parseCidr(block.cidr);
  const except: Cidr[] = [];
  for (const text of block.except ?? []) {
    const range = parseCidr(text);
    // Without an exception that cannot be read the block would open more than is written.
    if (range === undefined) return undefined;
    except.push(range);
  }
  return cidr && { kind: "ipBlock", cidr, except };
}

/** JSON's null means absent, as for Go's pointers. */
function given<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
