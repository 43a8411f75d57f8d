import { describe, expect, it, test } from "vitest";
import { detectDnsProfile, type DnsFacts } from "#src/network/dns/detect.ts";
import type { ResolverSource } from "#src/network/dns/service-resolver.ts";
import { labelSet } from "#src/network/labels.ts";
import type { Fact, NodeFacts } from "#src/wire/cluster-facts.ts";
import { kubeDns, profileOf } from "../cluster.ts";
import { daemonSets, facts, nodes, resolvers } from "./facts.ts";

const configMaps = {
  verb: "get",
  resource: "configmaps",
  namespace: "kube-system",
  name: "kubelet-config",
} as const;

function nodesWith(
  ...labels: readonly Record<string, string>[]
): Fact<{ nodes: NodeFacts[]; total: number }> {
  const made = labels.map((each, i): NodeFacts => ({
    name: `node-${i}`,
    labels: labelSet(each),
    annotations: new Map(),
    providerID: "",
    podCIDRs: [],
    addresses: [],
    osImage: "",
    operatingSystem: "linux",
    kubeletVersion: "v1.33.4",
  }));
  return { state: "read", question: nodes, value: { nodes: made, total: made.length } };
}

const kubeletConfig = (text: string): DnsFacts =>
  facts({
    configMaps: new Map([
      [
        "kube-system/kubelet-config",
        { state: "read", question: configMaps, value: new Map([["kubelet", text]]) },
      ],
    ]),
  });

describe("what is not read", () => {
  const notRead = [
    [facts({ nodes: { state: "forbidden", question: nodes } }), ["no right to list nodes"]],
    [
      facts({ daemonSets: { state: "failed", question: daemonSets, problem: "503" } }),
      ["could not list daemonsets.apps: 503"],
    ],
    [
      facts({
        configMaps: new Map([["kube-system/kubelet-config", { state: "forbidden", question: configMaps }]]),
      }),
      ["no right to get configmaps kube-system/kubelet-config"],
    ],
    [undefined, ["the nodes and DaemonSets have not been read yet"]],
  ] as const;

  it.each(notRead)("is named, and what was read counts", (given, unread) => {
    expect(detectDnsProfile([kubeDns()], given)).toMatchObject({ known: true, unread });
  });
});

describe("the addresses that kubelets are told", () => {
  it.each([
    "clusterDNS:\n- 10.96.0.10\n",
    'clusterDNS:\n  - "10.96.0.10"\nclusterDomain: cluster.local\n',
    "clusterDNS: [10.96.0.10]\n",
    "clusterDNS: []\n",
    "clusterDomain: cluster.local\n- 10.0.0.53\n",
    "",
  ])("agree with what is found, or say nothing: %j", (text) => {
    expect(resolvers(kubeletConfig(text))).toEqual(["kube-dns"]);
  });

  it.each([
    "clusterDNS:\n- 10.96.0.10\n- 10.0.0.53\n",
    "clusterDNS: ['10.0.0.53']",
    "clusterDNS:\n- fd00::a\n",
  ])("contradict it: %j", (text) => {
    expect(resolvers(kubeletConfig(text))).toMatch(/^kubelets are told to use \S+, which is no address of/);
  });
});

describe("platforms", () => {
  const auto = { "eks.amazonaws.com/compute-type": "auto" };
  const gke = { "cloud.google.com/gke-nodepool": "a" };
  const idle = kubeDns({ ready: false });

  it("EKS Auto Mode: pods of kube-dns count where not every node is of it", () => {
    expect(resolvers(facts({ nodes: nodesWith(auto, {}) }))).toEqual(["kube-dns", "eks-auto-mode"]);
    expect(resolvers(facts({ nodes: nodesWith(auto, auto) }))).toEqual(["kube-dns besides", "eks-auto-mode"]);
    expect(resolvers(facts({ nodes: nodesWith(auto, auto) }), idle)).toEqual(["eks-auto-mode"]);
    expect(resolvers(facts({ nodes: nodesWith(auto, {}) }), idle)).toEqual([
      "kube-dns besides",
      "eks-auto-mode",
    ]);
    expect(resolvers(facts({ nodes: nodesWith({ "eks.amazonaws.com/compute-type": "hybrid" }) }))).toEqual([
      "kube-dns",
    ]);
  });

  it("GKE: Cloud DNS, where kube-dns has no pod; else pods may ask the one or the other", () => {
    expect(resolvers(facts({ nodes: nodesWith(gke) }))).toEqual(["kube-dns", "gke-cloud-dns instead"]);
    expect(resolvers(facts({ nodes: nodesWith(gke) }), idle)).toEqual(["kube-dns besides", "gke-cloud-dns"]);
    expect(detectDnsProfile([], facts({ nodes: nodesWith(gke) }))).toMatchObject({
      resolvers: [{ kind: "gke-cloud-dns", nodeLocalAddresses: ["169.254.169.254"] }],
    });
  });

  it("of two platforms that contradict each other nothing is known", () => {
    expect(resolvers(facts({ nodes: nodesWith(gke, auto) }))).toBe(
      "there are nodes labelled as those of GKE and EKS Auto Mode",
    );
  });

  test.each([
    ["10.96.0.1", ["10.96.0.10"]],
    ["172.20.0.1", ["172.20.0.10"]],
    ["fd30:1c53:5f8a::1", ["fd30:1c53:5f8a::a"]],
    // Not the first of a range: the address of DNS cannot be told from it.
    ["10.96.0.7", []],
    ["None", []],
  ])("where the API server is at %s, Auto Mode asks %j", (clusterIP, expected) => {
    const question = { verb: "get", resource: "services", namespace: "default", name: "kubernetes" } as const;
    const api = { metadata: { name: "kubernetes", namespace: "default" }, spec: { clusterIP } };
    const services = new Map([["default/kubernetes", { state: "read", question, value: api } as const]]);
    const profile = detectDnsProfile([], facts({ nodes: nodesWith(auto), services }));
    expect(profile).toMatchObject({ resolvers: [{ nodeLocalAddresses: expected }] });
  });
});

describe("Services", () => {
  const named = (
    name: string,
    labels: Record<string, string>,
    selector: Record<string, string> | undefined,
  ): ResolverSource => {
    const base = kubeDns();
    const metadata = { name, namespace: "kube-system", labels };
    const { clusterIP = "", ports = [] } = base.service.spec ?? {};
    return { ...base, service: { metadata, spec: { clusterIP, ports, ...(selector && { selector }) } } };
  };
  const found = (...sources: readonly ResolverSource[]) => {
    const profile = detectDnsProfile(sources, facts());
    return profile.known ? profile.resolvers.map(({ name }) => name) : profile.evidence;
  };
  const kubeDnsLabel = { "k8s-app": "kube-dns" };

  it("kube-dns before those of its label, these before what else looks like CoreDNS", () => {
    const labelled = named("coredns", kubeDnsLabel, { app: "a" });
    const other = named("dns", { "app.kubernetes.io/name": "coredns" }, { app: "b" });
    expect(found(kubeDns(), labelled, other)).toEqual(["kube-system/kube-dns"]);
    expect(found(labelled, other)).toEqual(["kube-system/coredns"]);
    expect(found(other)).toEqual(["kube-system/dns"]);
    expect(found(named("web", { app: "web" }, { app: "c" }))).toMatch(/^no DNS Service/);
  });

  it("not the second one before the same pods, which only the cache asks", () => {
    const upstream = named("kube-dns-upstream", kubeDnsLabel, { app: "a" });
    expect(found(named("coredns", kubeDnsLabel, { app: "a" }), upstream)).toEqual(["kube-system/coredns"]);
    expect(found(upstream)).toEqual(["kube-system/kube-dns-upstream"]);
    const alone = [named("x", kubeDnsLabel, undefined), named("y", kubeDnsLabel, undefined)];
    expect(found(...alone)).toEqual(["kube-system/x", "kube-system/y"]);
  });
});

it("the profile of objects that say nearly nothing", () => {
  const metadata = { name: "kube-dns", namespace: "kube-system" };
  const bare: ResolverSource = {
    service: { metadata, spec: { ports: [{ port: 53 }] } },
    slices: [{ metadata: {} }, { metadata: {}, endpoints: [{ addresses: ["10.0.0.1"] }] }],
    pods: [],
    namespaceLabels: labelSet({}),
  };
  expect(detectDnsProfile([{ ...bare, service: { metadata: {} } }])).toMatchObject({ known: false });
  expect(detectDnsProfile([bare])).toMatchObject({
    known: false,
    evidence: "Service kube-system/kube-dns has no ready endpoint",
  });
  const service = { metadata, spec: { ports: [{ port: 53 }, { port: 53, protocol: "SCTP" }] } };
  const slices = [
    {
      metadata: {},
      ports: [{ port: 53 }, {}],
      endpoints: [{ addresses: ["10.0.0.1", "host"], targetRef: { kind: "Pod" } }],
    },
    {
      metadata: {},
      ports: [{ port: 53 }],
      endpoints: [{ addresses: ["10.0.0.2"], targetRef: { kind: "Node" } }],
    },
  ];
  const profile = detectDnsProfile([{ ...bare, service, slices }]);
  expect(profile).toMatchObject({
    known: true,
    evidence: "Service kube-system/kube-dns with 2 ready endpoint addresses",
    resolvers: [
      { podLabels: new Map(), endpoints: [{ labels: undefined, addresses: ["10.0.0.1", "10.0.0.2"] }] },
    ],
  });
  const one = {
    ...kubeDns(),
    slices: kubeDns().slices.map((slice) => ({ ...slice, endpoints: [{ addresses: ["10.0.0.1"] }] })),
  };
  expect(profileOf(one).evidence).toBe("Service kube-system/kube-dns with 1 ready endpoint address");
});
