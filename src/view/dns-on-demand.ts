import { digest } from "../intent/names.ts";
import type { Piece } from "../intent/purpose.ts";
import { dnsPurpose } from "../intent/purposes/dns.ts";
import { egressSpec } from "../intent/spec.ts";
import { isolating, type PolicySet } from "../network/policy-set.ts";
import { implies, isEverything, type Selector } from "../network/selector.ts";
import { writtenSelector } from "../network/written-selector.ts";
import type { NetworkPolicyEgressRule } from "../wire/network-policy.ts";

/** Beyond so many selectors none is left out because another selects the same pods: to ask would be square. */
const mostCompared = 64;

/**
 * The policies that open DNS where a policy that is no companion isolates egress. Each selects the very pods of such a
 * policy: one for all pods would isolate those that nothing isolates.
 */
export function dnsOnDemand(policies: PolicySet, rule: NetworkPolicyEgressRule): readonly Piece[] {
  const selectors = new Map<string, Selector>();
  for (const { companion, subject } of isolating(policies, "egress")) {
    if (!companion) selectors.set(subject.text, subject);
  }
  const all = [...selectors.values()];
  return all
    .filter((one) => all.length > mostCompared || !all.some((other) => other !== one && implies(one, other)))
    .flatMap((selector): Piece[] => {
      const podSelector = writtenSelector(selector);
      if (podSelector === undefined) return [];
      const purpose = isEverything(selector) ? dnsPurpose : `${dnsPurpose}-${digest(selector.text)}`;
      return [{ purpose, spec: { ...egressSpec(undefined, [rule]), podSelector } }];
    });
}
