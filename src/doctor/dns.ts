import { stringify } from "yaml";
import type { DnsKind, DnsProfile, DnsResolver } from "../network/dns-profile.ts";
import { describeResolver, dnsRule } from "../network/dns-rule.ts";
import { generateFlags } from "../network/dns/written.ts";
import { labelSetText } from "../network/labels.ts";
import type { Report } from "./report.ts";
import { evidenceSection, section, textOfLines } from "./text.ts";

export interface DnsQuestion {
  readonly profile: DnsProfile;
  /** What would be detected, where configuration says something else. */
  readonly overridden?: DnsProfile;
}

/** `ringfence doctor dns`: where do pods resolve names, and what must a policy open for that? */
export function checkDns({ profile, overridden }: DnsQuestion): Report {
  const rule = dnsRule(profile);
  return {
    check: "dns",
    outcome: profile.known ? "good" : "unknown",
    data: {
      profile: profile.known ? "known" : "unknown",
      source: overridden === undefined ? "detected" : "configuration",
      why: profile.evidence,
      resolvers: profile.known ? profile.resolvers.map(resolverData) : [],
      evidence: profile.signs,
      missing: profile.unread,
      ...(rule !== undefined && { rule, generate: `ringfence generate dns${generateFlags(rule) ?? ""}` }),
      ...(overridden !== undefined && {
        overridden: { why: overridden.evidence, evidence: overridden.signs },
      }),
    },
    text: textOf(profile, overridden),
  };
}

function resolverData(resolver: DnsResolver): Readonly<Record<string, unknown>> {
  const { kind, name, optional, namespace, podLabels, clusterIPs, nodeLocalAddresses, endpoints } = resolver;
  const ports = endpoints.flatMap((endpoint) =>
    endpoint.ports.map(({ port, protocol }) => `${port}/${protocol}`),
  );
  return {
    kind,
    name,
    asked: optional === undefined ? "yes" : optional,
    ...(namespace !== "" && { namespace, pods: labelSetText(podLabels) }),
    hostNetwork: endpoints.every(({ hostNetwork }) => hostNetwork),
    clusterIPs,
    nodeAddresses: nodeLocalAddresses,
    ports: [...new Set(ports)],
  };
}

const titles: Readonly<Record<DnsKind, string>> = {
  "kube-dns": "kube-dns",
  coredns: "CoreDNS",
  openshift: "the DNS of OpenShift",
  gardener: "kube-dns of Gardener",
  "node-local-dns": "NodeLocal DNSCache",
  "gke-cloud-dns": "Cloud DNS of GKE",
  "eks-auto-mode": "CoreDNS on the nodes of EKS Auto Mode",
  "aks-local-dns": "LocalDNS of AKS",
  configured: "the resolvers that configuration names",
};

function textOf(profile: DnsProfile, overridden: DnsProfile | undefined): string {
  const rule = dnsRule(profile);
  const written = rule === undefined ? [] : indented(stringify([rule], { lineWidth: 0 }));
  return textOfLines([
    headline(profile),
    ...section("Resolvers", profile.known ? profile.resolvers.map(resolverText) : []),
    ...evidenceSection(profile.signs),
    ...section("Not known", profile.unread),
    ...section(
      "Detected, and overridden by configuration",
      overridden === undefined ? [] : [overridden.evidence],
    ),
    ...(rule === undefined ? [] : ["", "What egress has to allow:", ...written]),
    ...section("What to do", advice(profile)),
  ]);
}

function headline(profile: DnsProfile): string {
  if (!profile.known)
    return `Where pods resolve names is unknown: ${profile.evidence}. No policy is denied for it`;
  const asked = profile.resolvers.filter(({ optional }) => optional !== "besides");
  const named = [...new Set(asked.map(({ kind }) => titles[kind]))];
  const some = asked.some(({ optional }) => optional === "instead") ? " or " : " and ";
  return `Pods resolve names through ${named.join(some)}`;
}

const asking = {
  besides: "; pods may ask it besides, so that to open it alone is no cut-off",
  instead: "; pods ask either this or the others, which of them the cluster does not say",
} as const;

function resolverText(resolver: DnsResolver): string {
  const { name, optional } = resolver;
  const described = describeResolver(resolver);
  const text = described.startsWith(name) ? described : `${name}: ${described}`;
  return optional === undefined ? text : text + asking[optional];
}

function indented(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);
}

function advice(profile: DnsProfile): readonly string[] {
  const rule = dnsRule(profile);
  const rights = profile.unread.some((each) => each.startsWith("no right to"))
    ? ["Grant the rights that are missing: deploy/kustomize/rbac.yaml has them."]
    : [];
  if (rule === undefined) return [...rights, "Name the resolvers in the configuration: dns.resolvers."];
  return [...rights, `In a namespace that denies egress: ringfence generate dns${generateFlags(rule) ?? ""}`];
}
