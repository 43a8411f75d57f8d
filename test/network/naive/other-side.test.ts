import { test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { compilePolicy, effectiveDirections } from "#src/network/dialects/kubernetes.ts";
import type { Place } from "#src/network/edges.ts";
import { OtherSide } from "#src/network/other-side.ts";
import { policySet } from "#src/network/policy-set.ts";
import { matches } from "#src/network/selector.ts";
import { directions, policyType } from "#src/network/walk.ts";
import type {
  Direction,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicySpec,
} from "#src/wire/network-policy.ts";
import { egress, groupsOf, namespaceLabels, policy, workload } from "../cluster.ts";
import { everyTraffic } from "./clusters.ts";
import { naiveAllows, type NaiveCluster, type NaiveEnd } from "./evaluator.ts";
import { dualStack, factsOf, placeOf } from "./places.ts";
import { groupWorkloads } from "#src/network/workloads.ts";

/** The policies of x without what they say of a direction. */
function without(direction: Direction, policies: readonly NetworkPolicy[]): NetworkPolicy[] {
  return policies.flatMap(({ metadata, spec = {} }) => {
    if (metadata.namespace !== "x") return [{ metadata, spec }];
    const other = directions.find((each) => each !== direction) ?? "egress";
    if (!effectiveDirections(spec)[other]) return [];
    const rules = { ...spec, [direction]: [], policyTypes: [policyType(other)] };
    return [{ metadata, spec: rules }];
  });
}

/** One rule of one peer alone. */
function alone(spec: NetworkPolicySpec, direction: Direction, index: number, at: number): NetworkPolicy {
  const rule = spec[direction]?.[index] ?? {};
  const peers: readonly NetworkPolicyPeer[] = "from" in rule ? rule.from : "to" in rule ? rule.to : [];
  const list = direction === "ingress" ? "from" : "to";
  return {
    metadata: { namespace: "x", name: "alone" },
    spec: {
      ...(spec.podSelector !== undefined && { podSelector: spec.podSelector }),
      policyTypes: [policyType(direction)],
      [direction]: [{ ...rule, [list]: peers.slice(at, at + 1) }],
    },
  };
}

test.prop([dualStack], { numRuns: 200 })(
  "what is said to be closed by the other side the naive evaluator closes as well",
  (cluster: NaiveCluster) => {
    const home = placeOf(cluster, "x");
    for (const written of cluster.policies.filter(({ metadata }) => metadata.namespace === "x")) {
      const compiled = compilePolicy(written);
      const own = home.groups.filter(
        ({ labels, hostNetwork }) => !hostNetwork && matches(compiled.subject, labels),
      );
      for (const direction of directions) {
        for (const entry of compiled[direction]) {
          for (const [at, peer] of (entry.peers === "any" ? [] : entry.peers).entries()) {
            if (peer.kind !== "pods") continue;
            const side = { policy: compiled, direction, entry, peer, own, home };
            const rule = alone(written.spec ?? {}, direction, entry.index, at);
            const others = without(direction, cluster.policies);
            const there: NaiveCluster = { ...cluster, policies: [...others, rule] };
            for (const name of ["x", "y", "z"]) {
              const closed = new OtherSide(name === "x" ? home : placeOf(cluster, name)).closed(
                side,
                workBudget(100_000),
              );
              for (const group of closed ?? []) {
                for (const traffic of everyTraffic(there)) {
                  const [mine, far] =
                    direction === "ingress" ? [traffic.to, traffic.from] : [traffic.from, traffic.to];
                  if (
                    mine === far ||
                    !isOf(
                      mine,
                      "x",
                      own.map(({ id }) => id),
                    ) ||
                    !isOf(far, name, [group.id])
                  )
                    continue;
                  expect(naiveAllows(there, traffic, { namedPortsOfRanges: true })).toBe(false);
                }
              }
            }
          }
        }
      }
    }
  },
);

function isOf(end: NaiveEnd, namespace: string, ids: readonly string[]): boolean {
  if (!("namespace" in end) || end.namespace !== namespace) return false;
  const [group] = groupWorkloads([factsOf(end)]);
  return group !== undefined && ids.includes(group.id);
}

describe("who is closed by the other side", () => {
  const shop = (...policies: ReturnType<typeof policy>[]): Place => ({
    namespace: { name: "shop", labels: namespaceLabels("shop") },
    policies: policySet("shop", policies),
    groups: groupsOf(
      workload("web-1", { app: "web" }),
      workload("web-2", { app: "web" }),
      workload("db-1", { app: "db" }),
    ),
  });
  const asked = policy("db", {
    podSelector: { matchLabels: { app: "db" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }],
  });
  const [entry] = asked.ingress;
  const [peer] = entry?.peers === "any" ? [] : (entry?.peers ?? []);
  const closedIn = (place: Place, steps = 100) => {
    if (entry === undefined || peer?.kind !== "pods") throw new Error("no peer");
    const own = place.groups.filter(({ labels }) => labels.get("app") === "db");
    const side = { policy: asked, direction: "ingress", entry, peer, own, home: place } as const;
    return new OtherSide(place).closed(side, workBudget(steps))?.flatMap(({ examples }) => examples);
  };

  it("is told by groups", () => {
    expect(closedIn(shop(egress("all", undefined)))).toEqual(["web-1", "web-2"]);
  });

  it("is not told where one is open, nothing is known, or it is too much work", () => {
    expect(closedIn(shop())).toBeUndefined();
    expect(closedIn({ ...shop(), policies: undefined })).toBeUndefined();
    expect(closedIn(shop(egress("all", undefined)), 1)).toBeUndefined();
  });
});
