import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkDns } from "#src/doctor/dns.ts";
import { configuredDnsProfile, type DnsProfile } from "#src/network/dns-profile.ts";
import { Interner } from "#src/network/interner.ts";
import { labelSet } from "#src/network/labels.ts";
import { fixturesDirectory } from "../support/fixtures.ts";
import { readObjects } from "../support/objects.ts";
import { settingsWith } from "../support/settings.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";

const detected = (platform: string): DnsProfile =>
  viewFromObjects(readObjects(join(fixturesDirectory, "facts", "dns", `${platform}.yaml`)), {
    interner: new Interner(),
    settings: settingsWith(),
  }).dns;

const configured = configuredDnsProfile([
  {
    name: "pods in dns",
    namespace: "dns",
    namespaceLabels: labelSet({}),
    podLabels: labelSet({ app: "unbound" }),
    ports: [{ protocol: "UDP", port: 5353 }],
  },
]);

describe("doctor dns", () => {
  it.each([
    ["kubeadm", "good"],
    ["node-local-dns-iptables", "good"],
    ["gke", "good"],
    ["gke-cloud-dns", "good"],
    ["eks-auto-mode", "good"],
    ["openshift", "good"],
    ["contradicting-kubelet-config", "unknown"],
    ["nothing-found", "unknown"],
  ] as const)("tells of %s", async (platform, outcome) => {
    const report = checkDns({ profile: detected(platform) });
    expect(report.outcome).toBe(outcome);
    await expect(report.text).toMatchFileSnapshot(`golden/dns-${platform}.txt`);
  });

  it("tells that configuration wins, and over what", async () => {
    const report = checkDns({ profile: configured, overridden: detected("kubeadm") });
    await expect(report.text).toMatchFileSnapshot("golden/dns-configured.txt");
    expect(report.data).toMatchObject({
      profile: "known",
      source: "configuration",
      overridden: { why: "Service kube-system/kube-dns with 2 ready endpoint addresses" },
    });
  });

  it("names the rights that are missing", async () => {
    const profile = { ...detected("nothing-found"), unread: ["no right to list nodes"] };
    await expect(checkDns({ profile }).text).toMatchFileSnapshot("golden/dns-rights-missing.txt");
  });

  it("gives programs the profile itself", () => {
    const { data } = checkDns({ profile: detected("openshift") });
    expect(data).toMatchObject({
      profile: "known",
      source: "detected",
      why: "Service openshift-dns/dns-default with 2 ready endpoint addresses",
      resolvers: [
        {
          kind: "openshift",
          name: "openshift-dns/dns-default",
          asked: "yes",
          namespace: "openshift-dns",
          pods: "dns.operator.openshift.io/daemonset-dns=default",
          hostNetwork: false,
          clusterIPs: ["172.30.0.10"],
          nodeAddresses: [],
          ports: ["5353/UDP", "5353/TCP"],
        },
      ],
      missing: [],
      generate:
        "ringfence generate dns --to openshift-dns/dns.operator.openshift.io/daemonset-dns=default --port 5353",
    });
    expect(checkDns({ profile: detected("not-ready") }).data).toMatchObject({
      profile: "unknown",
      resolvers: [],
    });
  });
});
