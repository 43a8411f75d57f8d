// missing-dns-egress against a naive count of doors: per recorded platform a list, written by hand, of where queries may go;
// an egress rule opens a door or does not, by the text of the API alone. Cut off is who has no open door.
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { dnsCutOff } from "#src/network/dns-egress.ts";
import { Interner } from "#src/network/interner.ts";
import type { NetworkPolicyEgressRule, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { fixturesDirectory } from "../../support/fixtures.ts";
import { readObjects } from "../../support/objects.ts";
import { settingsWith } from "../../support/settings.ts";
import { viewFromObjects } from "../../support/view-from-objects.ts";
import { egress, namespaceLabels, shop } from "../cluster.ts";

/** Pods at addresses behind a Service, or an address that is no pod, as of a Service or of a cache on the node. */
type Door =
  | { readonly pods: string; readonly at: readonly string[]; readonly port: number }
  | { readonly address: string; readonly direct: boolean };

const kubeDns = (port = 53): Door => ({
  pods: "kube-system/k8s-app=kube-dns",
  at: ["10.1.0.2", "10.1.0.3"],
  port,
});
/** A Service's address is rewritten before policies look, but for those that name it. */
const service = (address: string): Door => ({ address, direct: false });
const onNode = (address: string): Door => ({ address, direct: true });

const doors: Readonly<Record<string, readonly Door[]>> = {
  kubeadm: [kubeDns(), service("10.96.0.10")],
  "node-local-dns-iptables": [
    kubeDns(),
    service("10.96.0.10"),
    onNode("169.254.20.10"),
    onNode("10.96.0.10"),
  ],
  "node-local-dns-ipvs": [kubeDns(), service("10.96.0.10"), onNode("169.254.20.10")],
  gke: [kubeDns(), service("34.118.224.10"), onNode("169.254.169.254")],
  "aks-local-dns": [kubeDns(), service("10.0.0.10"), onNode("169.254.10.11")],
  gardener: [kubeDns(8053), service("100.64.0.10")],
  "gardener-node-local-dns": [
    kubeDns(8053),
    service("100.64.0.10"),
    onNode("169.254.20.10"),
    onNode("100.64.0.10"),
  ],
  openshift: [
    {
      pods: "openshift-dns/dns.operator.openshift.io/daemonset-dns=default",
      at: ["10.128.0.9", "10.129.0.7"],
      port: 5353,
    },
    service("172.30.0.10"),
  ],
  "two-services": [
    { pods: "kube-system/app=coredns", at: ["10.1.0.2"], port: 53 },
    { pods: "kube-system/app=unbound", at: ["10.1.0.8"], port: 53 },
    service("10.96.0.10"),
    service("10.96.0.11"),
  ],
};

function isOpen(door: Door, { to, ports }: NetworkPolicyEgressRule): boolean {
  const port = "port" in door ? door.port : 53;
  const opensPort =
    ports === undefined || ports.some((each) => each.protocol === "UDP" && each.port === port);
  if (!opensPort) return false;
  if (to === undefined) return "pods" in door || door.direct;
  return to.some((peer) => means(peer, door));
}

function means({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer, door: Door): boolean {
  if (ipBlock !== undefined) {
    const addresses = "pods" in door ? door.at : [door.address];
    // The ranges of these tests: a whole one, halves of it by the first part, single addresses.
    const [start = ""] = ipBlock.cidr.split("/");
    if (ipBlock.cidr === "0.0.0.0/0") return true;
    if (ipBlock.cidr.endsWith("/8"))
      return addresses.some((each) => each.split(".")[0] === start.split(".")[0]);
    return addresses.includes(start);
  }
  if (!("pods" in door)) return false;
  const slash = door.pods.indexOf("/");
  const [key = "", value] = door.pods.slice(slash + 1).split("=");
  const namespace = namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"];
  const wanted = Object.entries(podSelector?.matchLabels ?? {});
  return (
    (namespace === undefined || namespace === door.pods.slice(0, slash)) &&
    wanted.every(([name, text]) => name === key && text === value)
  );
}

const inNamespace = (name: string, podLabels?: Record<string, string>): NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  ...(podLabels && { podSelector: { matchLabels: podLabels } }),
});
const peer = fc.constantFrom<NetworkPolicyPeer[]>(
  inNamespace("kube-system"),
  inNamespace("kube-system", { "k8s-app": "kube-dns" }),
  inNamespace("kube-system", { "k8s-app": "node-local-dns" }),
  inNamespace("kube-system", { app: "unbound" }),
  inNamespace("openshift-dns"),
  inNamespace("openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }),
  { namespaceSelector: {} },
  ...["0.0.0.0/0", "10.0.0.0/8", "169.0.0.0/8", "10.1.0.2/32", "10.96.0.10/32", "169.254.20.10/32"].map(
    (cidr) => ({ ipBlock: { cidr } }),
  ),
  { ipBlock: { cidr: "169.254.169.254/32" } },
  { ipBlock: { cidr: "169.254.10.11/32" } },
  { ipBlock: { cidr: "172.30.0.10/32" } },
);
const port = fc.record({
  protocol: fc.constantFrom("UDP", "TCP"),
  port: fc.constantFrom(53, 5353, 8053, 443),
});
const rule: fc.Arbitrary<NetworkPolicyEgressRule> = fc.record(
  {
    to: fc.array(peer, { minLength: 1, maxLength: 3 }),
    ports: fc.array(port, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

describe.each(Object.entries(doors))("%s", (platform, list) => {
  const profile = viewFromObjects(readObjects(join(fixturesDirectory, "facts", "dns", `${platform}.yaml`)), {
    interner: new Interner(),
    settings: settingsWith(),
  }).dns;

  test.prop([fc.array(rule, { maxLength: 3 })])("cut off is who has no open door", (rules) => {
    const found = dnsCutOff(shop(egress("p", undefined, ...rules)), {
      groups: [],
      profile,
      namespaceLabels: namespaceLabels("shop"),
      dueCompanions: [],
      budget: workBudget(10_000),
    });
    const open = list.some((door) => rules.some((each) => isOpen(door, each)));
    expect(found.some(({ admitted }) => admitted === "none")).toBe(!open);
    expect(found.filter(({ admitted }) => admitted === "unknown")).toEqual([]);
  });
});
