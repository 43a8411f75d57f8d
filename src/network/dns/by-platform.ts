// What opens the DNS of a platform, for those who ask without a cluster: by the facts that detection rests on.

import type { DnsKind } from "../dns-profile.ts";
import { usualResolver } from "./written.ts";

/** A DNS profile as the flags of `ringfence generate dns` say it. */
export interface PlatformDns {
  /** Peers, as `ruleOfFlags` takes them. */
  readonly to: readonly string[];
  /** The ports on which the resolvers answer. */
  readonly ports: readonly number[];
  /** In half a sentence: an address that only the cluster knows and that belongs to the peers, mostly or always. */
  readonly besides?: { readonly what: string; readonly always: boolean };
}

/** Every platform that is recognised; docs/reference/dns.md says by what. */
export const platformDns: Readonly<Record<Exclude<DnsKind, "configured">, PlatformDns>> = {
  "kube-dns": { to: [usualResolver], ports: [53] },
  // The chart of CoreDNS; RKE2 and kubespray label the pods as those of kube-dns.
  coredns: { to: ["kube-system/app.kubernetes.io/name=coredns"], ports: [53] },
  "node-local-dns": {
    to: [usualResolver, "169.254.20.10"],
    ports: [53],
    besides: { what: "the ClusterIP of kube-dns, where kube-proxy uses iptables", always: false },
  },
  openshift: { to: ["openshift-dns/dns.operator.openshift.io/daemonset-dns=default"], ports: [5353] },
  gardener: { to: [usualResolver], ports: [8053] },
  "gke-cloud-dns": { to: ["169.254.169.254"], ports: [53] },
  "aks-local-dns": { to: [usualResolver, "169.254.10.11"], ports: [53] },
  "eks-auto-mode": {
    to: [],
    ports: [53],
    besides: {
      what: "the tenth address of the Service range, at which nodes of EKS Auto Mode answer",
      always: true,
    },
  },
};
