import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { containsAddress, parseAddress } from "#src/network/cidr.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { edgeChange } from "#src/network/edges.ts";
import type { Edge, EdgeEnd, Place } from "#src/network/edges.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet } from "#src/network/policy-set.ts";
import { opensPort, protocols } from "#src/network/ports.ts";
import { groupWorkloads } from "#src/network/workloads.ts";
import type { WorkloadFacts } from "#src/network/workloads.ts";
import { clusters, everyTraffic } from "./clusters.ts";
import { naiveAllows } from "./evaluator.ts";
import type { NaiveCluster, NaiveEnd, NaivePod, Traffic } from "./evaluator.ts";

// Groups have no addresses: here every pod has both families, and where a range may hold one the answer stays open.
const dualStack = clusters.map((cluster) => ({
  ...cluster,
  pods: cluster.pods.map((pod, i) => ({
    ...pod,
    ips: [`10.244.${1 + (i % 3)}.${1 + i}`, `2001:db8:${1 + (i % 3)}::${1 + i}`],
  })),
}));

function factsOf(pod: NaivePod): WorkloadFacts {
  return {
    kind: "pod",
    name: pod.name,
    labels: labelSet(pod.labels),
    namedPorts: pod.ports.flatMap(({ name, protocol, containerPort }) =>
      name === undefined ? [] : [{ name, protocol, port: containerPort }],
    ),
    hostNetwork: pod.hostNetwork,
    dnsPolicy: "ClusterFirst",
    terminating: false,
    finished: false,
  };
}

function placeOf(cluster: NaiveCluster, name: string): Place {
  const policies = cluster.policies.filter(({ metadata }) => metadata.namespace === name);
  return {
    namespace: {
      name,
      labels: labelSet(cluster.namespaces.find((namespace) => namespace.name === name)?.labels),
    },
    policies: policySet(
      name,
      policies.map((policy) => compilePolicy(policy)),
    ),
    groups: groupWorkloads(cluster.pods.filter(({ namespace }) => namespace === name).map(factsOf)),
  };
}

function isAt(end: EdgeEnd, one: NaiveEnd): boolean {
  if ("namespace" in one) {
    const [alone] = groupWorkloads([factsOf(one)]);
    return end.kind === "pods" && end.namespace === one.namespace && end.group.id === alone?.id;
  }
  const address = parseAddress(one.ip);
  return (
    end.kind === "outside" &&
    address !== undefined &&
    end.ranges.some((range) => containsAddress(range, address))
  );
}

function holds(edges: readonly Edge[], { from, to, protocol, port }: Traffic): boolean {
  const known = protocols.find((one) => one === protocol) ?? "TCP";
  return edges.some(
    (edge) => isAt(edge.from, from) && isAt(edge.to, to) && opensPort(edge.ports, known, port, []) === true,
  );
}

test.prop([dualStack, dualStack, fc.boolean()], { numRuns: 60 })(
  "edges gained and lost are those that the naive evaluator allows after and not before, and the other way round",
  (before, other, relabelled) => {
    const after: NaiveCluster = {
      ...before,
      policies: [
        ...before.policies.filter(({ metadata }) => metadata.namespace !== "x"),
        ...other.policies.filter(({ metadata }) => metadata.namespace === "x"),
      ],
      namespaces: before.namespaces.map((namespace) =>
        namespace.name === "x" && relabelled
          ? { ...namespace, labels: { ...namespace.labels, team: "two" } }
          : namespace,
      ),
    };
    const others = ["y", "z"].map((name) => placeOf(before, name));
    const change = edgeChange(placeOf(before, "x"), placeOf(after, "x"), {
      others,
      budget: workBudget(1_000_000),
    });
    expect(change.complete).toBe(true);
    const open = JSON.stringify([before, after]).includes('"ipBlock"');
    for (const traffic of everyTraffic(before)) {
      if (traffic.from === traffic.to || !concernsX(traffic)) continue;
      const ask = (cluster: NaiveCluster) =>
        [true, false].map((namedPortsOfRanges) => naiveAllows(cluster, traffic, { namedPortsOfRanges }));
      const [was, is] = [ask(before), ask(after)];
      const [gained, lost] = [holds(change.gained, traffic), holds(change.lost, traffic)];
      if (gained)
        expect([was, is]).toEqual([
          [false, false],
          [true, true],
        ]);
      if (lost)
        expect([was, is]).toEqual([
          [true, true],
          [false, false],
        ]);
      // What a range or the pod's own node may decide is not told; all else is.
      if ((open && betweenPods(traffic)) || fromNode(traffic)) continue;
      expect([gained, lost]).toEqual([
        is[0] === true && was[1] === false,
        was[0] === true && is[1] === false,
      ]);
    }
  },
);

function concernsX({ from, to }: Traffic): boolean {
  return [from, to].some((end) => "namespace" in end && end.namespace === "x");
}

function betweenPods({ from, to }: Traffic): boolean {
  return "namespace" in from && "namespace" in to;
}

function fromNode({ from }: Traffic): boolean {
  return "namespace" in from && from.hostNetwork;
}
