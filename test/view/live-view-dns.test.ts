import { describe, expect, test } from "vitest";
import type { ConfiguredResolver } from "#src/network/dns-profile.ts";
import type { DnsFacts } from "#src/network/dns/detect.ts";
import { deliver, knownView, namespace, pod, kubeDns } from "./support.ts";

describe("dns", () => {
  const all = {
    namespaces: [namespace("kube-system")],
    pods: [pod("kube-system", "coredns", { "k8s-app": "kube-dns" })],
    ...kubeDns(),
  };

  test("is what the Service kube-dns, its slices and its pods say, and follows them", () => {
    const view = knownView(all);
    expect(view.dns).toMatchObject({
      known: true,
      resolvers: [
        {
          name: "kube-system/kube-dns",
          clusterIPs: ["10.96.0.10"],
          endpoints: [{ addresses: ["10.0.0.2"], hostNetwork: false }],
        },
      ],
    });
    expect(view.dns).toBe(view.dns);
    view.handlers.pods.upsert(
      pod("kube-system", "coredns", {}, { spec: { hostNetwork: true, containers: [] } }),
    );
    expect(view.dns).toMatchObject({ resolvers: [{ endpoints: [{ hostNetwork: true }] }] });
    deliver(view, { "endpointslices/kube-system": [] });
    expect(view.dns).toMatchObject({
      known: false,
      evidence: "Service kube-system/kube-dns has no ready endpoint",
    });
  });

  test("without a Service of that name, those that bear its label and serve port 53", () => {
    const [service] = all["services/kube-system"];
    const metadata = { namespace: "kube-system", name: "rke2-coredns", labels: { "k8s-app": "kube-dns" } };
    const metrics = { metadata: { ...metadata, name: "metrics" }, spec: { ports: [{ port: 9153 }] } };
    const slice = {
      ...all["endpointslices/kube-system"][0],
      metadata: {
        namespace: "kube-system",
        name: "s",
        labels: { "kubernetes.io/service-name": "rke2-coredns" },
      },
    };
    const view = knownView({
      ...all,
      "services/kube-system": [{ ...service, metadata }, metrics],
      "endpointslices/kube-system": [slice],
    });
    expect(view.dns).toMatchObject({ known: true, resolvers: [{ name: "kube-system/rke2-coredns" }] });
  });

  test("nothing of other Services is kept, and none is unknown", () => {
    const [service] = all["services/kube-system"];
    const elsewhere = { ...service, metadata: { namespace: "shop", name: "kube-dns" } };
    const other = { ...service, metadata: { namespace: "kube-system", name: "other" } };
    const view = knownView({ ...all, "services/kube-system": [elsewhere, other] });
    expect(view.dns).toMatchObject({
      known: false,
      evidence: "no DNS Service was found in kube-system or openshift-dns",
    });
  });

  test("follows the DNS of OpenShift in its own namespace", () => {
    const [service] = all["services/kube-system"];
    const [slice] = all["endpointslices/kube-system"];
    const metadata = { namespace: "openshift-dns", name: "dns-default" };
    const labels = { "kubernetes.io/service-name": "dns-default" };
    const objects = {
      namespaces: [namespace("kube-system"), namespace("openshift-dns")],
      "services/openshift-dns": [{ ...service, metadata }],
      "endpointslices/openshift-dns": [{ ...slice, metadata: { ...metadata, labels } }],
    };
    const view = knownView(objects);
    expect(view.dns).toMatchObject({ known: true, resolvers: [{ name: "openshift-dns/dns-default" }] });
    view.handlers["services/openshift-dns"].remove({ metadata });
    expect(view.dns.known).toBe(false);
    expect(view.dns.evidence).toMatch(/^no DNS Service/);
  });

  test("is detected anew from other facts", () => {
    const question = { verb: "list", resource: "nodes" } as const;
    const read: { facts: DnsFacts | undefined } = { facts: undefined };
    const view = knownView(all, { facts: () => read.facts });
    expect(view.dns.unread).toEqual(["the nodes and DaemonSets have not been read yet"]);
    const daemonSets = { state: "read", question, value: [] } as const;
    const nodes = { state: "forbidden", question } as const;
    read.facts = { daemonSets, nodes, configMaps: new Map(), services: new Map() };
    expect(view.dns.unread).toEqual(["no right to list nodes"]);
    expect(view.dns).toBe(view.dns);
  });

  test("is what configuration says, where it says something, also after it changed", () => {
    const configuration: { resolvers?: readonly ConfiguredResolver[] } = {};
    const view = knownView(all, { resolvers: () => configuration.resolvers });
    expect(view.dns).toMatchObject({ resolvers: [{ name: "kube-system/kube-dns" }] });
    configuration.resolvers = [
      { name: "own", namespace: "dns", namespaceLabels: new Map(), podLabels: new Map() },
    ];
    expect(view.dns).toMatchObject({ evidence: "configuration", resolvers: [{ name: "own" }] });
  });
});
