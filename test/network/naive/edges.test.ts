import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { parseAddress } from "#src/network/address.ts";
import { containsAddress } from "#src/network/cidr.ts";
import { edgeChange } from "#src/network/edges.ts";
import type { Edge, EdgeEnd } from "#src/network/edges.ts";
import { opensPort, protocols } from "#src/network/ports.ts";
import { groupWorkloads } from "#src/network/workloads.ts";
import { everyTraffic } from "./clusters.ts";
import { naiveAllows } from "./evaluator.ts";
import type { NaiveCluster, NaiveEnd, Traffic } from "./evaluator.ts";
import { dualStack, factsOf, placeOf } from "./places.ts";

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
    const crossing = edgeChange(placeOf(before, "x"), placeOf(after, "x"), {
      others,
      crossing: true,
      budget: workBudget(1_000_000),
    });
    expect(crossing.gained.map(textOf).sort()).toEqual(change.gained.filter(isCrossing).map(textOf).sort());
    expect(crossing.lost.map(textOf).sort()).toEqual(change.lost.filter(isCrossing).map(textOf).sort());
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

function isCrossing({ from, to }: Edge): boolean {
  return !(from.kind === "pods" && to.kind === "pods" && from.namespace === to.namespace);
}

function textOf({ from, to, ports }: Edge): string {
  const end = (one: EdgeEnd): string =>
    one.kind === "pods" ? `${one.namespace} ${one.group.id}` : one.ranges.map(({ text }) => text).join(" ");
  return `${end(from)} -> ${end(to)}: ${ports.text}`;
}

function concernsX({ from, to }: Traffic): boolean {
  return [from, to].some((end) => "namespace" in end && end.namespace === "x");
}

function betweenPods({ from, to }: Traffic): boolean {
  return "namespace" in from && "namespace" in to;
}

function fromNode({ from }: Traffic): boolean {
  return "namespace" in from && from.hostNetwork;
}
