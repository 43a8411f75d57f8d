// The ids of all rules that Ringfence is to have, with what each belongs to. An id is permanent.
import type { RuleProfile } from "#src/model/rule.ts";

/** Besides what the server judges: rules about YAML on disk, and about workloads in a scan. */
type CatalogueProfile = RuleProfile | "file" | "workload";

const idsByProfile: Readonly<Record<CatalogueProfile, readonly string[]>> = {
  baseline: [
    "missing-dns-egress",
    "or-ed-selectors",
    "rules-outside-policy-types",
    "duplicate-policy-types",
    "unsatisfiable-selector",
    "dead-namespace-selector",
    "inverted-deny",
    "default-deny-defeated",
    "dns-server-ingress-blocked",
    "webhook-backend-blocked",
    "intent-invalid",
    "namespace-without-intent",
    "too-complex",
  ],
  guard: [
    "mode-loosened",
    "intent-loosened",
    "protected-namespace-label",
    "companion-protected",
    "exceeds-ceiling",
  ],
  restricted: [
    "dns-udp-only",
    "allow-all-ingress",
    "allow-all-egress",
    "all-namespaces-ingress",
    "all-namespaces-egress",
    "any-ipblock-ingress",
    "any-ipblock-egress",
    "any-peer-on-ports",
    "metadata-endpoint-reachable",
    "spoofable-namespace-label",
    "dns-open-to-world",
    "wide-port-range",
    "protocol-only-port",
    "last-isolating-policy-deletion",
  ],
  advisory: [
    "namespace-label-grants-access",
    "intent-effects",
    "namespace-wide-selector",
    "dangling-policy",
    "dangling-peer",
    "named-port-unresolved",
    "service-port-not-container-port",
    "one-sided-allow",
    "newly-isolates-running-pods",
    "widens-reach",
    "shadowed-rule",
    "except-as-deny",
    "cidr-not-canonical",
    "single-family-ipblock",
    "named-port-on-ipblock",
    "endport-unsupported",
    "sctp-unsupported",
    "ipblock-in-cluster",
    "negative-pod-peer",
    "api-server-egress-blocked",
    "route-backend-blocked",
    "policy-not-enforced",
    "system-namespace-policy",
  ],
  file: [
    "implicit-policy-types",
    "implicit-ingress-isolation",
    "explicit-empty-peers",
    "missing-pod-selector",
    "port-without-protocol",
    "missing-namespace",
    "metadata-name-conflict",
    "rejected-by-api-server",
  ],
  workload: ["unselected-pod", "host-network-pod", "pod-label-claims-access"],
};

/** What is not there yet, and what it comes with. */
const notYet: Readonly<Record<string, string>> = {};

export interface CatalogueEntry {
  readonly id: string;
  readonly profile: CatalogueProfile;
  /** What it comes with; absent: it is there. */
  readonly comesWith?: string;
}

/** Every id, with its profile; rules of files and workloads come with the commands that judge these. */
export const catalogue: readonly CatalogueEntry[] = Object.entries(idsByProfile).flatMap(([profile, ids]) =>
  ids.map((id) => {
    const entry = { id, profile: profile as CatalogueProfile };
    if (profile === "file") return { ...entry, comesWith: "ringfence check" };
    if (profile === "workload") return { ...entry, comesWith: "ringfence scan" };
    const comesWith = Object.hasOwn(notYet, id) ? notYet[id] : undefined;
    return comesWith === undefined ? entry : { ...entry, comesWith };
  }),
);
