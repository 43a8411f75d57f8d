import { describe, expect, it } from "vitest";
import { compilePolicy } from "../../src/network/dialects/kubernetes.ts";
import { configuredDnsProfile } from "../../src/network/dns-profile.ts";
import { admitsResolver, describeResolver, dnsRule } from "../../src/network/dns-rule.ts";
import { Interner } from "../../src/network/interner.ts";
import type { ConfiguredDns } from "../../src/model/settings.ts";
import { configuredResolvers } from "../../src/view/configured-dns.ts";

const both = [
  { port: 5353, protocol: "UDP" },
  { port: 5353, protocol: "TCP" },
] as const;

const openshift: ConfiguredDns = {
  kind: "pods",
  namespace: "openshift-dns",
  pods: { "dns.operator.openshift.io/daemonset-dns": "default" },
  ports: both,
  clusterIPs: [],
  nodeLocalAddresses: [],
};
const cloud: ConfiguredDns = {
  kind: "addresses",
  addresses: ["169.254.169.254"],
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};

function profileOf(...resolvers: readonly ConfiguredDns[]) {
  return configuredDnsProfile(configuredResolvers({ resolvers }, undefined) ?? []);
}

describe("configuredResolvers", () => {
  it("leaves detection to the view where nothing is configured", () => {
    expect(configuredResolvers(undefined, undefined)).toBeUndefined();
  });

  it("opens pods by namespace and labels, on their own port", () => {
    expect(dnsRule(profileOf(openshift))).toEqual({
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } },
          podSelector: { matchLabels: { "dns.operator.openshift.io/daemonset-dns": "default" } },
        },
      ],
      ports: [
        { protocol: "UDP", port: 5353 },
        { protocol: "TCP", port: 5353 },
      ],
    });
  });

  it("opens addresses by ipBlock", () => {
    expect(dnsRule(profileOf(cloud))?.to).toEqual([{ ipBlock: { cidr: "169.254.169.254/32" } }]);
  });

  it.each([
    [{ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports: [{ port: 53, protocol: "UDP" }] }, true],
    [{ ports: [{ port: 53, protocol: "UDP" }] }, true],
    [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, false],
    [{ to: [{ namespaceSelector: {} }] }, false],
  ])("asks of policies that they open the addresses: %j is %s", (rule, admitted) => {
    const spec = { podSelector: {}, policyTypes: ["Egress"], egress: [rule] };
    const { egress } = compilePolicy({ metadata: { name: "p", namespace: "shop" }, spec }, new Interner());
    const profile = profileOf(cloud);
    const [resolver] = profile.known ? profile.resolvers : [];
    const [entry] = egress;
    if (entry === undefined || resolver === undefined) throw new Error("nothing to ask");
    const own = { name: "shop", labels: new Map([["kubernetes.io/metadata.name", "shop"]]) };
    expect(admitsResolver(entry, own, resolver, "UDP")).toBe(admitted);
  });

  it("takes the namespace's labels where they are known", () => {
    const labels = new Map([["team", "platform"]]);
    const facts = { name: "openshift-dns", uid: "u", labels, annotations: new Map(), terminating: false };
    const namespaces = {
      get: (name: string) => (name === facts.name ? facts : undefined),
      matching: () => [facts],
    };
    const [resolver] = configuredResolvers({ resolvers: [openshift] }, namespaces) ?? [];
    expect(resolver?.namespaceLabels).toBe(labels);
  });

  it.each([
    [openshift, "openshift-dns pods dns.operator.openshift.io/daemonset-dns=default, 5353/UDP and 5353/TCP"],
    [cloud, "169.254.169.254, 53/UDP and 53/TCP"],
  ])("is described to people", (configured, text) => {
    const profile = profileOf(configured);
    if (!profile.known) throw new Error("not known");
    expect(profile.resolvers.map(describeResolver)).toEqual([text]);
  });
});
