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

/** What is detected on a cluster of that kind, and what says the same without it. */
const clusters: readonly {
  readonly file: string;
  readonly names: readonly Platform[];
  /** An address that only the cluster knows. */
  readonly address?: string;
}[] = [
  { file: "kubeadm", names: ["kube-dns"] },
  { file: "k3s", names: ["kube-dns"] },
  { file: "rke2", names: ["kube-dns"] },
  { file: "kubespray", names: ["node-local-dns"], address: "169.254.25.10" },
  { file: "coredns-with-other-labels", names: ["coredns"] },
  { file: "node-local-dns-ipvs", names: ["node-local-dns"] },
  { file: "node-local-dns-iptables", names: ["node-local-dns"], address: "10.96.0.10" },
  { file: "openshift", names: ["openshift"] },
  { file: "gardener", names: ["gardener"] },
  { file: "gke-cloud-dns", names: ["gke-cloud-dns"] },
  { file: "gke-node-local-dns", names: ["gke-cloud-dns", "node-local-dns"] },
  { file: "aks-local-dns", names: ["aks-local-dns"] },
  { file: "eks-auto-mode", names: ["eks-auto-mode"], address: "172.20.0.10" },
];

test.each(clusters)(
  "on $file the policy for $names opens every resolver that pods ask",
  ({ file, names, address }) => {
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
  },
);

test("every platform is held against a cluster of its kind", () => {
  expect([...new Set(clusters.flatMap(({ names }) => names))].sort()).toEqual(
    Object.keys(platformDns).sort(),
  );
});
