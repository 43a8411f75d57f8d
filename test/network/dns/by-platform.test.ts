import { join } from "node:path";
import { expect, test } from "vitest";
import { platformDns } from "#src/network/dns/by-platform.ts";
import { ruleOfFlags } from "#src/network/dns/written.ts";
import { admitsResolver } from "#src/network/dns-rule.ts";
import { Interner } from "#src/network/interner.ts";
import { fixturesDirectory } from "../../support/fixtures.ts";
import { readObjects } from "../../support/objects.ts";
import { settingsWith } from "../../support/settings.ts";
import { viewFromObjects } from "../../support/view-from-objects.ts";
import { egress, namespaceLabels } from "../cluster.ts";

type Platform = keyof typeof platformDns;

/** What is detected on a cluster of that kind, and what says the same without it; an address that only the cluster knows. */
const clusters: readonly (readonly [file: string, platforms: readonly Platform[], to?: string])[] = [
  ["kubeadm", ["kube-dns"]],
  ["k3s", ["kube-dns"]],
  ["rke2", ["kube-dns"]],
  ["kubespray", ["node-local-dns"], "169.254.25.10"],
  ["coredns-with-other-labels", ["coredns"]],
  ["node-local-dns-ipvs", ["node-local-dns"]],
  ["node-local-dns-iptables", ["node-local-dns"], "10.96.0.10"],
  ["openshift", ["openshift"]],
  ["gardener", ["gardener"]],
  ["gke-cloud-dns", ["gke-cloud-dns"]],
  ["gke-node-local-dns", ["gke-cloud-dns", "node-local-dns"]],
  ["aks-local-dns", ["aks-local-dns"]],
  ["eks-auto-mode", ["eks-auto-mode"], "172.20.0.10"],
];

test.each(clusters)("on %s the policy for %j opens every resolver that pods ask", (file, names, address) => {
  const { dns } = viewFromObjects(readObjects(join(fixturesDirectory, "facts", "dns", `${file}.yaml`)), {
    interner: new Interner(),
    settings: settingsWith(),
  });
  if (!dns.known) throw new Error(dns.evidence);
  const platforms = names.map((name) => platformDns[name]);
  const rule = ruleOfFlags({
    to: [...platforms.flatMap(({ to }) => to), ...(address === undefined ? [] : [address])],
    ports: platforms.flatMap(({ ports }) => ports),
  });
  const [entry] = egress("p", undefined, rule).egress;
  if (entry === undefined) throw new Error("no entry");
  const own = { name: "shop", labels: namespaceLabels("shop") };
  const asked = dns.resolvers.filter(({ optional }) => optional === undefined);
  expect(asked.length).toBeGreaterThan(0);
  for (const resolver of asked) {
    for (const protocol of ["UDP", "TCP"] as const) {
      expect(admitsResolver(entry, own, resolver, protocol), `${resolver.name} ${protocol}`).toBe(true);
    }
  }
});

test("every platform is held against a cluster of its kind", () => {
  expect([...new Set(clusters.flatMap(([, names]) => names))].sort()).toEqual(
    Object.keys(platformDns).sort(),
  );
});
