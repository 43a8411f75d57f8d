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
import type { Interner } from "../interner.ts";
import { peerText } from "../policy.ts";
import type { AllowEntry, CompiledPolicy, Peer } from "../policy.ts";
import { compilePorts } from "../ports.ts";
import { compileSelector, everything, nothing } from "../selector.ts";
import type { Selector, SelectorDomain } from "../selector.ts";

/** The label and the name prefix of the policies that Ringfence itself writes. */
const managedByLabel = "app.kubernetes.io/managed-by";
const managedByRingfence = "ringfence";
const companionNamePrefix = "ringfence-";

/**
 * Compiles a networking.k8s.io/v1 NetworkPolicy, defaulted by kube-apiserver or not. Never throws on JSON of the API's
 * types: what cannot be read selects and opens nothing, and `readable` says so.
 */
export function compilePolicy(policy: NetworkPolicy, interner: Interner): CompiledPolicy {
  const reading = new Reading(interner);
  const { metadata } = policy;
  const spec = policy.spec ?? {};
  const isolates = effectiveDirections(spec);
  const labels = metadata.labels ?? {};
  const name = metadata.name ?? "";
  const subject = reading.selector(spec.podSelector, "pods") ?? interner.internSelector(nothing("pods"));
  const ingress = isolates.ingress
    ? reading.entries(spec.ingress?.map((rule) => ({ ...rule, peers: rule.from })))
    : none;
  const egress = isolates.egress
    ? reading.entries(spec.egress?.map((rule) => ({ ...rule, peers: rule.to })))
    : none;
  return {
    namespace: metadata.namespace ?? "",
    name,
    uid: metadata.uid ?? "",
    subject,
    isolates,
    ingress,
    egress,
    terminating: given(metadata.deletionTimestamp),
    companion:
      name.startsWith(companionNamePrefix) &&
      Object.hasOwn(labels, managedByLabel) &&
      labels[managedByLabel] === managedByRingfence,
    readable: reading.clean,
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
  readonly ports?: readonly NetworkPolicyPort[] | null;
}

/** Reads the parts of one policy and remembers whether all of them could be read. */
class Reading {
  readonly #interner: Interner;
  clean = true;

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  selector(selector: LabelSelector | undefined, domain: SelectorDomain): Selector | undefined {
    const compiled = compileSelector(selector, domain);
    if (compiled !== undefined) return this.#interner.internSelector(compiled);
    this.clean = false;
    return undefined;
  }

  entries(rules: readonly WireRule[] | undefined): readonly AllowEntry[] {
    if (rules === undefined || rules.length === 0) return none;
    return rules.map((rule, index) => ({
      peers: this.#peers(rule.peers),
      ports: this.#ports(rule.ports),
      index,
    }));
  }

  #ports(wire: readonly NetworkPolicyPort[] | null | undefined): AllowEntry["ports"] {
    const { ports, readable } = compilePorts(wire);
    if (!readable) this.clean = false;
    return ports === "any" ? ports : this.#interner.internPorts(ports);
  }

  #peers(wire: readonly NetworkPolicyPeer[] | null | undefined): AllowEntry["peers"] {
    if (wire === undefined || wire === null || wire.length === 0) return "any";
    const peers: Peer[] = [];
    for (const peer of wire) {
      const compiled = given(peer) ? this.#peer(peer) : undefined;
      if (compiled === undefined) this.clean = false;
      else peers.push(compiled);
    }
    return this.#interner.internPeers(peers.map(peerText).join("; "), peers);
  }

  /** `undefined`: no field at all, an ipBlock together with a selector, or a field that cannot be read. */
  #peer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): Peer | undefined {
    if (given(ipBlock)) {
      return given(podSelector) || given(namespaceSelector) ? undefined : ipBlockPeer(ipBlock);
    }
    if (!given(podSelector) && !given(namespaceSelector)) return undefined;
    const pods = given(podSelector) ? this.selector(podSelector, "pods") : this.#all("pods");
    const namespaces = given(namespaceSelector) ? this.selector(namespaceSelector, "namespaces") : "own";
    return pods === undefined || namespaces === undefined ? undefined : { kind: "pods", namespaces, pods };
  }

  #all(domain: SelectorDomain): Selector {
    return this.#interner.internSelector(everything(domain));
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
