import { describe, expect, it } from "vitest";
import { metadataServer } from "#src/network/metadata-server.ts";
import type { ClusterFacts, Fact, NodeFacts, WorkloadFacts } from "#src/wire/cluster-facts.ts";

const nodesAsked = { verb: "list", resource: "nodes" } as const;
const setsAsked = { verb: "list", resource: "daemonsets.apps" } as const;

function node(labels: Record<string, string> = {}): NodeFacts {
  return {
    name: "node-1",
    labels: new Map(Object.entries(labels)),
    annotations: new Map(),
    providerID: "",
    osImage: "",
    operatingSystem: "linux",
    kubeletVersion: "",
    podCIDRs: [],
    addresses: [],
  };
}

function nodes(...all: NodeFacts[]): ClusterFacts["nodes"] {
  return { state: "read", question: nodesAsked, value: { nodes: all, total: all.length } };
}

function daemonSets(...value: WorkloadFacts[]): Fact<readonly WorkloadFacts[]> {
  return { state: "read", question: setsAsked, value };
}

function agent(image: string, namespace = "kube-system", desired = 1): WorkloadFacts {
  return {
    kind: "DaemonSet",
    namespace,
    name: "agent",
    labels: new Map(),
    podLabels: new Map(),
    hostNetwork: true,
    containers: [{ name: "agent", image, args: [], env: new Map() }],
    pods: { desired, ready: desired },
  };
}

describe("who answers at the metadata address", () => {
  it.each([
    "gke.gcr.io/gke-metadata-server:gke_metadata_server_20250101.00_p0",
    "jtblin/kube2iam:0.11.1",
    "quay.io/uswitch/kiam:v4.2",
    "mcr.microsoft.com/oss/azure/aad-pod-identity/nmi:v1.8.17",
  ])("is workload identity where %s runs on the nodes", (image) => {
    const found = metadataServer({ nodes: nodes(node()), daemonSets: daemonSets(agent(image)) });
    expect(found).toMatchObject({ workloadIdentity: true, gke: false });
    expect(found.evidence).toContain("DaemonSet kube-system/agent");
  });

  it("is not believed of a DaemonSet that a tenant could have made, nor of one that runs nowhere", () => {
    const image = "jtblin/kube2iam:0.11.1";
    for (const one of [agent(image, "shop"), agent(image, "kube-system", 0), agent("example.com/other:1")]) {
      const found = metadataServer({ nodes: nodes(node()), daemonSets: daemonSets(one) });
      expect(found.workloadIdentity).toBe(false);
    }
  });

  it("is GKE's server where a node is labelled so, and the machine where it is not", () => {
    const pool = { "cloud.google.com/gke-nodepool": "pool-1" };
    const labelled = { ...pool, "iam.gke.io/gke-metadata-server-enabled": "true" };
    expect(metadataServer({ nodes: nodes(node(), node(labelled)), daemonSets: daemonSets() })).toMatchObject({
      workloadIdentity: true,
      gke: true,
    });
    expect(metadataServer({ nodes: nodes(node(pool)), daemonSets: daemonSets() })).toMatchObject({
      workloadIdentity: false,
      gke: true,
    });
  });

  it("is not known before anything was read, without a right, and without a node", () => {
    const forbidden = { state: "forbidden", question: nodesAsked } as const;
    const failed = { state: "failed", question: setsAsked, problem: "timeout" } as const;
    const unknown = [
      [undefined, "have not been read yet"],
      [{ nodes: forbidden, daemonSets: daemonSets() }, "no right to list nodes"],
      [{ nodes: nodes(node()), daemonSets: failed }, "could not list daemonsets.apps: timeout"],
      [{ nodes: nodes(), daemonSets: daemonSets() }, "there is no node yet"],
    ] as const;
    for (const [facts, evidence] of unknown) {
      const found = metadataServer(facts);
      expect(found.workloadIdentity).toBeUndefined();
      expect(found.evidence).toContain(evidence);
    }
  });
});
