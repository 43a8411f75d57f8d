// The explicit list of rules, in the order in which a message names them; older behaviours stand beside the newest.
import type { Rule } from "../model/rule.ts";
import { allNamespacesEgress } from "./all-namespaces-egress.ts";
import { allNamespacesIngress } from "./all-namespaces-ingress.ts";
import { allowAllEgress } from "./allow-all-egress.ts";
import { allowAllIngress } from "./allow-all-ingress.ts";
import { anyIpBlockEgress } from "./any-ipblock-egress.ts";
import { anyIpBlockIngress } from "./any-ipblock-ingress.ts";
import { anyPeerOnPorts } from "./any-peer-on-ports.ts";
import { apiServerEgressBlocked } from "./api-server-egress-blocked.ts";
import { cidrNotCanonical } from "./cidr-not-canonical.ts";
import { companionProtected } from "./companion-protected.ts";
import { danglingPeer } from "./dangling-peer.ts";
import { danglingPolicy } from "./dangling-policy.ts";
import { deadNamespaceSelector } from "./dead-namespace-selector.ts";
import { deadNamespaceSelectorV1 } from "./dead-namespace-selector-v1.ts";
import { defaultDenyDefeated } from "./default-deny-defeated.ts";
import { dnsOpenToWorld } from "./dns-open-to-world.ts";
import { dnsServerIngressBlocked } from "./dns-server-ingress-blocked.ts";
import { dnsUdpOnly } from "./dns-udp-only.ts";
import { duplicatePolicyTypes } from "./duplicate-policy-types.ts";
import { endportUnsupported } from "./endport-unsupported.ts";
import { exceptAsDeny } from "./except-as-deny.ts";
import { exceedsCeiling } from "./exceeds-ceiling.ts";
import { intentEffects } from "./intent-effects.ts";
import { intentInvalid } from "./intent-invalid.ts";
import { intentLoosened } from "./intent-loosened.ts";
import { invertedDeny } from "./inverted-deny.ts";
import { ipblockInCluster } from "./ipblock-in-cluster.ts";
import { lastIsolatingPolicyDeletion } from "./last-isolating-policy-deletion.ts";
import { metadataEndpointReachable } from "./metadata-endpoint-reachable.ts";
import { missingDnsEgress } from "./missing-dns-egress.ts";
import { modeLoosened } from "./mode-loosened.ts";
import { namedPortOnIpblock } from "./named-port-on-ipblock.ts";
import { namedPortUnresolved } from "./named-port-unresolved.ts";
import { namespaceLabelGrantsAccess } from "./namespace-label-grants-access.ts";
import { namespaceWideSelector } from "./namespace-wide-selector.ts";
import { namespaceWithoutIntent } from "./namespace-without-intent.ts";
import { negativePodPeer } from "./negative-pod-peer.ts";
import { newlyIsolatesRunningPods } from "./newly-isolates-running-pods.ts";
import { oneSidedAllow } from "./one-sided-allow.ts";
import { orEdSelectors } from "./or-ed-selectors.ts";
import { policyNotEnforced } from "./policy-not-enforced.ts";
import { protectedNamespaceLabel } from "./protected-namespace-label.ts";
import { protocolOnlyPort } from "./protocol-only-port.ts";
import { routeBackendBlocked } from "./route-backend-blocked.ts";
import { rulesOutsidePolicyTypes } from "./rules-outside-policy-types.ts";
import { sctpUnsupported } from "./sctp-unsupported.ts";
import { servicePortNotContainerPort } from "./service-port-not-container-port.ts";
import { shadowedRule } from "./shadowed-rule.ts";
import { singleFamilyIpblock } from "./single-family-ipblock.ts";
import { spoofableNamespaceLabel } from "./spoofable-namespace-label.ts";
import { systemNamespacePolicy } from "./system-namespace-policy.ts";
import { tooComplex } from "./too-complex.ts";
import { unsatisfiableSelector } from "./unsatisfiable-selector.ts";
import { webhookBackendBlocked } from "./webhook-backend-blocked.ts";
import { widePortRange } from "./wide-port-range.ts";
import { widensReach } from "./widens-reach.ts";

export const rules: readonly Rule[] = [
  tooComplex,
  orEdSelectors,
  rulesOutsidePolicyTypes,
  duplicatePolicyTypes,
  unsatisfiableSelector,
  deadNamespaceSelector,
  deadNamespaceSelectorV1,
  invertedDeny,
  defaultDenyDefeated,
  missingDnsEgress,
  intentInvalid,
  namespaceWithoutIntent,
  dnsServerIngressBlocked,
  webhookBackendBlocked,
  dnsUdpOnly,
  allowAllIngress,
  allowAllEgress,
  allNamespacesIngress,
  allNamespacesEgress,
  anyPeerOnPorts,
  dnsOpenToWorld,
  anyIpBlockIngress,
  anyIpBlockEgress,
  metadataEndpointReachable,
  spoofableNamespaceLabel,
  widePortRange,
  protocolOnlyPort,
  lastIsolatingPolicyDeletion,
  routeBackendBlocked,
  apiServerEgressBlocked,
  newlyIsolatesRunningPods,
  widensReach,
  oneSidedAllow,
  namespaceWideSelector,
  danglingPolicy,
  danglingPeer,
  shadowedRule,
  negativePodPeer,
  systemNamespacePolicy,
  policyNotEnforced,
  cidrNotCanonical,
  exceptAsDeny,
  singleFamilyIpblock,
  namedPortOnIpblock,
  endportUnsupported,
  sctpUnsupported,
  ipblockInCluster,
  namedPortUnresolved,
  servicePortNotContainerPort,
  intentEffects,
  namespaceLabelGrantsAccess,
  modeLoosened,
  intentLoosened,
  protectedNamespaceLabel,
  companionProtected,
  exceedsCeiling,
];
