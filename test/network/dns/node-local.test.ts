import { describe, expect, it } from "vitest";
import { detectDnsProfile, type DnsFacts } from "#src/network/dns/detect.ts";
import { labelSet } from "#src/network/labels.ts";
import type { WorkloadFacts } from "#src/wire/cluster-facts.ts";
import { kubeDns } from "../cluster.ts";
import { daemonSets, facts, resolvers } from "./facts.ts";

function cache(args: readonly string[], change: Partial<WorkloadFacts> = {}): DnsFacts {
  const set: WorkloadFacts = {
    kind: "DaemonSet",
    namespace: "kube-system",
    name: "node-local-dns",
    labels: new Map(),
    podLabels: labelSet({ "k8s-app": "node-local-dns" }),
    hostNetwork: true,
    containers: [
      { name: "node-cache", image: "registry.k8s.io/dns/k8s-dns-node-cache:1.26.4", args, env: new Map() },
    ],
    pods: { desired: 3, ready: 3 },
    ...change,
  };
  return facts({ daemonSets: { state: "read", question: daemonSets, value: [set] } });
}

describe("NodeLocal DNSCache", () => {
  it.each([
    [["-localip", "169.254.20.10,10.96.0.10"]],
    [["--localip", "169.254.20.10, 10.96.0.10"]],
    [["/node-cache", "-conf", "/etc/Corefile", "-localip=169.254.20.10,10.96.0.10"]],
    [["--localip=169.254.20.10,10.96.0.10"]],
  ])("answers where its arguments say: %j", (args) => {
    expect(detectDnsProfile([kubeDns()], cache(args))).toMatchObject({
      resolvers: [
        { kind: "kube-dns" },
        { kind: "node-local-dns", nodeLocalAddresses: ["169.254.20.10", "10.96.0.10"] },
      ],
    });
  });

  it.each([
    [[]],
    [["-localip"]],
    [["-localip", ""]],
    [["-localip", "$(IP)"]],
    [["-localip", "169.254.20.10,x"]],
  ])("makes the profile unknown where they do not say it: %j", (args) => {
    expect(detectDnsProfile([kubeDns()], cache(args))).toMatchObject({
      known: false,
      evidence:
        "at which addresses DaemonSet kube-system/node-local-dns answers, its arguments do not say (-localip)",
    });
  });

  it("is not there where no node is to run it, nor where another program has its address", () => {
    const args = ["-localip", "169.254.20.10"];
    expect(resolvers(cache(args, { pods: { desired: 0, ready: 0 } }))).toEqual(["kube-dns"]);
    const container = { name: "a", image: "example.com/a:1", args, env: new Map() };
    const other = { name: "a", podLabels: new Map(), containers: [container] };
    expect(resolvers(cache(args, other))).toEqual(["kube-dns"]);
  });

  it("is there as long as its controller has not looked at it", () => {
    expect(resolvers(cache(["-localip", "169.254.20.10"], { pods: undefined }))).toEqual([
      "kube-dns besides",
      "node-local-dns",
    ]);
  });

  it.each([[["-localip", "203.0.113.7"]], [["-localip", "$(IP)"]], [[]]])(
    "is not believed in a namespace in which tenants write DaemonSets: %j",
    (args) => {
      for (const hostNetwork of [true, false]) {
        const given = cache(args, { namespace: "shop", hostNetwork });
        const profile = detectDnsProfile([kubeDns()], given);
        expect(resolvers(given)).toEqual(["kube-dns"]);
        expect(profile.unread).toEqual([
          "whether pods ask DaemonSet shop/node-local-dns: only caches in kube-system are taken for the cluster's",
        ]);
      }
    },
  );

  it("names one of those that are not believed, and how many more there are", () => {
    const one = cache([], { namespace: "shop" }).daemonSets;
    if (one.state !== "read") throw new Error("the test has no DaemonSets");
    const given = facts({ daemonSets: { ...one, value: [...one.value, ...one.value, ...one.value] } });
    expect(detectDnsProfile([kubeDns()], given).unread).toEqual([
      expect.stringContaining("shop/node-local-dns (and 2 more):"),
    ]);
  });

  it("says nothing of a cluster whose DNS Service is not found", () => {
    const profile = detectDnsProfile([], cache(["-localip", "169.254.20.10"]));
    expect(profile.known).toBe(false);
    expect(profile.evidence).toMatch(/^no DNS Service/);
  });
});
