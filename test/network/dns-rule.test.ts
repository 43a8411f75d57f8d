import { describe, expect, it } from "vitest";
import { configuredDnsProfile } from "#src/network/dns-profile.ts";
import type { ConfiguredResolver, DnsResolver } from "#src/network/dns-profile.ts";
import { detectDnsProfile } from "#src/network/dns/detect.ts";
import type { ResolverSource } from "#src/network/dns/service-resolver.ts";
import { admitsResolver, describeResolver, dnsRule } from "#src/network/dns-rule.ts";
import type { DnsProtocol } from "#src/network/dns-rule.ts";
import { labelSet } from "#src/network/labels.ts";
import type { NetworkPolicyEgressRule } from "#src/wire/network-policy.ts";
import {
  dnsEgress,
  dnsPorts,
  egress,
  kubeDns,
  kubeSystem,
  namespaceLabels,
  profileOf,
  resolverOf,
} from "./cluster.ts";

const own = { name: "shop", labels: namespaceLabels("shop") };

function admits(
  rule: NetworkPolicyEgressRule,
  resolver = resolverOf(kubeDns()),
  protocol: DnsProtocol = "UDP",
) {
  const [entry] = egress("p", undefined, rule).egress;
  if (entry === undefined) throw new Error("no entry");
  return admitsResolver(entry, own, resolver, protocol);
}

const block = (cidr: string, ...except: string[]) => ({ ipBlock: { cidr, except } });
const kubeDnsPods = { podSelector: { matchLabels: { "k8s-app": "kube-dns" } } };

describe("an entry admits kube-dns", () => {
  it.each([
    ["namespace and ports", dnsEgress, true],
    ["namespace and pods", { to: [{ ...kubeSystem, ...kubeDnsPods }], ports: dnsPorts }, true],
    ["all namespaces", { to: [{ namespaceSelector: {} }], ports: dnsPorts }, true],
    ["ports alone", { ports: dnsPorts }, true],
    ["peer alone", { to: [kubeSystem] }, true],
    ["everything", {}, true],
    ["the named port", { to: [kubeSystem], ports: [{ protocol: "UDP", port: "dns" }] }, true],
    ["every UDP port", { to: [kubeSystem], ports: [{ protocol: "UDP" }] }, true],
    ["a range of pods' addresses", { to: [block("10.244.0.0/16")], ports: dnsPorts }, true],
    ["the ClusterIP", { to: [block("10.96.0.10/32")], ports: dnsPorts }, true],
    ["another address", { to: [block("10.0.0.0/16")], ports: dnsPorts }, false],
    [
      "a range without DNS",
      { to: [block("10.0.0.0/8", "10.244.0.0/16", "10.96.0.0/16")], ports: dnsPorts },
      false,
    ],
    ["pods without a namespace: those of the own one", { to: [kubeDnsPods], ports: dnsPorts }, false],
    [
      "a label that no namespace has",
      { to: [{ namespaceSelector: { matchLabels: { name: "kube-system" } } }] },
      false,
    ],
    ["other pods there", { to: [{ ...kubeSystem, podSelector: { matchLabels: { app: "dns" } } }] }, false],
    ["another port", { to: [kubeSystem], ports: [{ protocol: "UDP", port: 5353 }] }, false],
    ["a name of the other protocol", { to: [kubeSystem], ports: [{ protocol: "TCP", port: "dns" }] }, false],
    ["TCP alone", { to: [kubeSystem], ports: [{ protocol: "TCP", port: 53 }] }, false],
    ["the metrics port", { to: [kubeSystem], ports: [{ protocol: "TCP", port: 9153 }] }, false],
  ])("%s", (_, rule, answer) => {
    expect(admits(rule)).toBe(answer);
  });

  it("over TCP as well", () => {
    expect(admits({ to: [kubeSystem], ports: [{ protocol: "TCP", port: 53 }] }, undefined, "TCP")).toBe(true);
    expect(admits({ to: [kubeSystem], ports: [{ protocol: "UDP", port: 53 }] }, undefined, "TCP")).toBe(
      false,
    );
  });
});

describe("an entry and other resolvers", () => {
  it("needs the target port for pods and the Service's port for the ClusterIP", () => {
    const openshift = resolverOf(kubeDns({ targetPort: 5353 }));
    const targetPorts = [{ protocol: "UDP", port: 5353 }];
    expect(admits({ to: [kubeSystem], ports: dnsPorts }, openshift)).toBe(false);
    expect(admits({ ports: dnsPorts }, openshift)).toBe(false);
    expect(admits({ to: [kubeSystem], ports: targetPorts }, openshift)).toBe(true);
    expect(admits({ to: [block("10.96.0.10/32")], ports: dnsPorts }, openshift)).toBe(true);
    expect(admits({ to: [block("10.96.0.10/32")], ports: targetPorts }, openshift)).toBe(false);
  });

  it("does not match a resolver of the node's network by selectors", () => {
    const onNodes = resolverOf(kubeDns({ hostNetwork: true }));
    expect(admits(dnsEgress, onNodes)).toBe(false);
    expect(admits({ ports: dnsPorts }, onNodes)).toBe(true);
    expect(admits({ to: [block("10.244.0.2/32")], ports: dnsPorts }, onNodes)).toBe(true);
  });

  it("matches a node-local address by range or without peers", () => {
    const nodeLocal = resolverOf({ ...kubeDns({ targetPort: 8053 }), nodeLocalAddresses: ["169.254.20.10"] });
    expect(admits({ to: [block("169.254.20.10/32")], ports: dnsPorts }, nodeLocal)).toBe(true);
    expect(admits({ ports: dnsPorts }, nodeLocal)).toBe(true);
    expect(admits(dnsEgress, nodeLocal)).toBe(false);
  });

  it("cannot say whether a selector matches pods that are not known", () => {
    const resolver = resolverOf({ ...kubeDns(), pods: [] });
    expect(admits({ to: [{ ...kubeSystem, ...kubeDnsPods }], ports: dnsPorts }, resolver)).toBeUndefined();
    expect(admits({ to: [kubeSystem], ports: [{ protocol: "UDP", port: "dns" }] }, resolver)).toBeUndefined();
    expect(admits({ to: [kubeDnsPods], ports: dnsPorts }, resolver)).toBe(false);
  });
});

describe("a resolver that configuration states", () => {
  const stated = (more: Partial<ConfiguredResolver> = {}) => {
    const profile = configuredDnsProfile([
      {
        name: "dns/unbound",
        namespace: "dns",
        namespaceLabels: namespaceLabels("dns"),
        podLabels: labelSet({ app: "unbound" }),
        ...more,
      },
    ]);
    const resolver = profile.known ? profile.resolvers[0] : undefined;
    if (resolver === undefined) throw new Error("no resolver");
    return resolver;
  };
  const to = (matchLabels: Record<string, string>) => ({
    to: [{ namespaceSelector: {}, podSelector: { matchLabels } }],
    ports: dnsPorts,
  });

  it("may have more labels than are stated", () => {
    expect(admits(to({ app: "unbound" }), stated())).toBe(true);
    expect(admits(to({ app: "bind" }), stated())).toBe(false);
    expect(admits(to({ tier: "dns" }), stated())).toBeUndefined();
  });

  it("of addresses alone is asked there, on its ports", () => {
    const addresses = ["192.0.2.53"];
    const resolver = stated({
      namespace: "",
      podLabels: labelSet({}),
      hostNetwork: true,
      addresses,
      nodeLocalAddresses: addresses,
      ports: [{ protocol: "UDP", port: 5353 }],
    });
    const range = (port: number) => ({ to: [block("192.0.2.0/24")], ports: [{ protocol: "UDP", port }] });
    expect(admits(range(5353), resolver)).toBe(true);
    expect(admits(range(53), resolver)).toBe(false);
    expect(describeResolver(resolver)).toBe("192.0.2.53, 5353/UDP and 5353/TCP");
  });

  it("is asked at its ClusterIP on port 53", () => {
    const resolver = stated({ clusterIPs: ["10.96.0.11"], ports: [{ protocol: "UDP", port: 5353 }] });
    expect(admits({ to: [block("10.96.0.11/32")], ports: dnsPorts }, resolver)).toBe(true);
    expect(admits(to({ app: "unbound" }), resolver)).toBe(false);
  });
});

describe("the profile", () => {
  it("is known by ready endpoints, with evidence", () => {
    expect(profileOf(kubeDns())).toMatchObject({
      known: true,
      evidence: "Service kube-system/kube-dns with 2 ready endpoint addresses",
    });
    expect(profileOf(kubeDns({ ready: false }))).toMatchObject({
      known: false,
      evidence: "Service kube-system/kube-dns has no ready endpoint",
    });
    expect(detectDnsProfile([])).toMatchObject({
      known: false,
      evidence: "no DNS Service was found in kube-system or openshift-dns",
    });
    expect(configuredDnsProfile([]).known).toBe(false);
    expect(profileOf(kubeDns(), { ...kubeDns(), slices: [] }).known).toBe(false);
  });

  it("keeps the ports of DNS, and pods that are alike together", () => {
    expect(resolverOf(kubeDns())).toMatchObject({
      name: "kube-system/kube-dns",
      clusterIPs: ["10.96.0.10"],
      servicePorts: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
      endpoints: [{ addresses: ["10.244.0.2", "10.244.0.3"], ports: [{ port: 53 }, { port: 53 }] }],
    });
  });

  it("puts the two families of a pod together and takes a readiness that is not said for ready", () => {
    const base = kubeDns();
    const [slice] = base.slices;
    if (slice === undefined) throw new Error("no slice");
    const v6 = {
      ...slice,
      addressType: "IPv6",
      endpoints: [{ addresses: ["fd00::2"], targetRef: { kind: "Pod", name: "a" } }],
    };
    const { endpoints } = resolverOf({ ...base, slices: [slice, v6] });
    expect(endpoints.map(({ addresses }) => addresses)).toEqual([["10.244.0.2", "10.244.0.3", "fd00::2"]]);
  });

  it("reads a Service with one unnamed port, a headless one, and one that names its ports otherwise", () => {
    const base = kubeDns();
    const unnamed: ResolverSource = {
      ...base,
      service: {
        metadata: base.service.metadata,
        spec: { clusterIP: "None", ports: [{ protocol: "UDP", port: 53 }] },
      },
      slices: base.slices.map((slice) => ({ ...slice, ports: [{ name: "", protocol: "UDP", port: 53 }] })),
    };
    const resolver: DnsResolver = resolverOf(unnamed);
    expect(resolver.clusterIPs).toEqual([]);
    expect(resolver.endpoints[0]?.ports).toEqual([{ protocol: "UDP", port: 53 }]);
    // Without a selector: the labels that the pods have in common and that last.
    expect([...resolver.podLabels]).toEqual([["k8s-app", "kube-dns"]]);
    const odd: ResolverSource = {
      ...base,
      service: {
        metadata: base.service.metadata,
        spec: { ports: [{ name: "dns", protocol: "UDP", port: 5300 }] },
      },
    };
    expect(resolverOf(odd).servicePorts).toEqual([{ protocol: "UDP", port: 5300, name: "dns" }]);
  });
});

describe("the DNS rule", () => {
  it("names pods by namespace and the Service's selector", () => {
    expect(dnsRule(profileOf(kubeDns()))).toEqual({
      to: [{ ...kubeSystem, ...kubeDnsPods }],
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    });
    expect(describeResolver(resolverOf(kubeDns()))).toBe(
      "kube-system pods k8s-app=kube-dns, 53/UDP and 53/TCP",
    );
    expect(dnsRule(profileOf(kubeDns({ ready: false })))).toBeUndefined();
  });

  it("names addresses where selectors do not match", () => {
    expect(dnsRule(profileOf(kubeDns({ hostNetwork: true })))?.to).toEqual(
      ["10.96.0.10/32", "10.244.0.2/32", "10.244.0.3/32"].map((cidr) => ({ ipBlock: { cidr } })),
    );
    const nodeLocal = dnsRule(
      profileOf({ ...kubeDns({ targetPort: 8053 }), nodeLocalAddresses: ["169.254.20.10"] }),
    );
    expect(nodeLocal?.to).toEqual([
      { ...kubeSystem, ...kubeDnsPods },
      { ipBlock: { cidr: "169.254.20.10/32" } },
      { ipBlock: { cidr: "10.96.0.10/32" } },
    ]);
    expect(nodeLocal?.ports).toEqual([
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
      { protocol: "UDP", port: 8053 },
      { protocol: "TCP", port: 8053 },
    ]);
  });

  it.each([
    kubeDns(),
    kubeDns({ targetPort: 5353 }),
    kubeDns({ hostNetwork: true }),
    { ...kubeDns({ targetPort: 8053 }), nodeLocalAddresses: ["169.254.20.10", "fd00::10"] },
  ])("admits what it was made for (%#)", (source) => {
    const rule = dnsRule(profileOf(source));
    if (rule === undefined) throw new Error("no rule");
    expect(admits(rule, resolverOf(source), "UDP")).toBe(true);
    expect(admits(rule, resolverOf(source), "TCP")).toBe(true);
  });

  it("of a configured resolver without labels names the namespace alone", () => {
    const profile = configuredDnsProfile([
      { name: "dns/all", namespace: "dns", namespaceLabels: namespaceLabels("dns"), podLabels: labelSet({}) },
    ]);
    expect(dnsRule(profile)?.to).toEqual([
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "dns" } } },
    ]);
    const [resolver] = profile.known ? profile.resolvers : [];
    expect(resolver && describeResolver(resolver)).toBe("dns all pods, 53/UDP and 53/TCP");
  });
});
