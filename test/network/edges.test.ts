import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { edgeChange } from "#src/network/edges.ts";
import type { EdgeEnd, Place } from "#src/network/edges.ts";
import { policySet } from "#src/network/policy-set.ts";
import { namespaceNameLabel } from "#src/network/selector.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { groupsOf, namespaceLabels, policy, workload } from "./cluster.ts";

const named = [{ name: "pg", protocol: "TCP", port: 5432 }];
const groups = groupsOf(
  workload("web-1", { app: "web" }),
  workload("db-1", { app: "db" }, { namedPorts: named }),
  workload("gone-1", { app: "web" }, { finished: true }),
  workload("going-1", { app: "web" }, { terminating: true }),
);

function shop(specs: readonly NetworkPolicySpec[] | undefined, labels: Record<string, string> = {}): Place {
  const policies = specs?.map((spec, i) => policy(`p${i}`, spec));
  return {
    namespace: { name: "shop", labels: namespaceLabels("shop", labels) },
    policies: policies && policySet("shop", policies),
    groups,
  };
}
const monitoring = (policies: Place["policies"] = policySet("monitoring", [])): Place => ({
  namespace: { name: "monitoring", labels: namespaceLabels("monitoring") },
  policies,
  groups: groupsOf(workload("prometheus-0", { app: "prometheus" })),
});

function end(one: EdgeEnd): string {
  return one.kind === "pods" ? one.group.examples.join(",") : one.ranges.map(({ text }) => text).join(" ");
}

function changed(before: Place, after: Place, others: readonly Place[] = [], steps = 10_000) {
  const { gained, lost, complete } = edgeChange(before, after, { others, budget: workBudget(steps) });
  const told = (edges: typeof gained) =>
    edges.map(({ from, to, ports }) => `${end(from)} -> ${end(to)}: ${ports.text}`);
  return { gained: told(gained), lost: told(lost), complete };
}

const every = "all/TCP, all/UDP, all/SCTP";
const anyAddress = "0.0.0.0/0 ::/0";
const dbIngress = (...rules: NonNullable<NetworkPolicySpec["ingress"]>): NetworkPolicySpec => ({
  podSelector: { matchLabels: { app: "db" } },
  policyTypes: ["Ingress"],
  ingress: rules,
});
const fromWeb = { from: [{ podSelector: { matchLabels: { app: "web" } } }] };

describe("edges gained and lost", () => {
  it("by isolation that begins and ends", () => {
    const deny = shop([dbIngress()]);
    expect(changed(shop([]), deny)).toEqual({
      gained: [],
      lost: [`${anyAddress} -> db-1: ${every}`, `web-1 -> db-1: ${every}`],
      complete: true,
    });
    expect(changed(deny, shop([])).gained).toHaveLength(2);
    expect(changed(deny, shop([dbIngress()]))).toEqual({ gained: [], lost: [], complete: true });
  });

  it("on ports alone, names as the pod that is connected to has them", () => {
    const some = shop([dbIngress({ ...fromWeb, ports: [{ port: 80, endPort: 90 }] })]);
    const other = shop([dbIngress({ ...fromWeb, ports: [{ port: 85, endPort: 90 }, { port: "pg" }] })]);
    expect(changed(some, other)).toMatchObject({
      gained: ["web-1 -> db-1: 5432/TCP"],
      lost: ["web-1 -> db-1: 80-84/TCP"],
    });
  });

  it("not where another policy, or the other side, decides the same", () => {
    const twice = [dbIngress(fromWeb), dbIngress(fromWeb)];
    expect(changed(shop(twice), shop(twice.slice(1)))).toMatchObject({ gained: [], lost: [] });
    const web: NetworkPolicySpec = { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"] };
    expect(changed(shop([web, dbIngress()]), shop([web, dbIngress(fromWeb)]))).toMatchObject({ gained: [] });
  });

  it("with other namespaces, both ways", () => {
    const toMonitoring = {
      to: [{ namespaceSelector: { matchLabels: { [namespaceNameLabel]: "monitoring" } } }],
    };
    const isolated: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Egress"] };
    const open = { ...isolated, egress: [toMonitoring] };
    const { gained } = changed(shop([isolated]), shop([open]), [monitoring()]);
    expect(gained).toEqual([`db-1 -> prometheus-0: ${every}`, `web-1 -> prometheus-0: ${every}`]);
    const scraped = dbIngress({ from: [{ namespaceSelector: {} }] });
    expect(changed(shop([dbIngress()]), shop([scraped]), [monitoring()]).gained).toContain(
      `prometheus-0 -> db-1: ${every}`,
    );
  });

  it("by the namespace's labels", () => {
    const wanted = policy(
      "in",
      { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }] }] },
      { namespace: "monitoring" },
    );
    const others = [monitoring(policySet("monitoring", [wanted]))];
    expect(changed(shop([]), shop([], { team: "a" }), others).gained).toEqual([
      `db-1 -> prometheus-0: ${every}`,
      `web-1 -> prometheus-0: ${every}`,
    ]);
    expect(changed(shop([], { team: "a" }), shop([]), others).lost).toHaveLength(2);
  });

  it("with addresses outside, ranges of one answer together", () => {
    const to = (...cidrs: string[]): NetworkPolicySpec => ({
      podSelector: { matchLabels: { app: "db" } },
      policyTypes: ["Egress"],
      egress: [{ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ port: 443 }] }],
    });
    expect(
      changed(shop([to("10.0.0.0/8")]), shop([to("10.0.0.0/9", "192.0.2.0/31", "2001:db8::/32")])),
    ).toEqual({
      gained: ["db-1 -> 192.0.2.0/31 2001:db8::/32: 443/TCP"],
      lost: ["db-1 -> 10.128.0.0/9: 443/TCP"],
      complete: true,
    });
  });

  it("not where it cannot be said: policies that are not known, ranges that may hold a pod", () => {
    const inRange = dbIngress({ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] });
    expect(changed(shop([dbIngress()]), shop([inRange])).gained).toEqual([`10.0.0.0/8 -> db-1: ${every}`]);
    const { gained, lost } = changed(shop(undefined), shop([dbIngress(fromWeb)]), [
      { ...monitoring(), policies: undefined },
    ]);
    expect([gained, lost]).toEqual([[], []]);
  });

  it("of pods of the node's network only what is certain", () => {
    const node = { ...monitoring(), groups: groupsOf(workload("node-1", {}, { hostNetwork: true })) };
    // It may run on the node of db-1, which reaches it whatever the policy says.
    expect(changed(shop([]), shop([dbIngress()]), [node]).lost.join()).not.toContain("node-1");
  });

  it("as far as the budget goes", () => {
    const all = changed(shop([]), shop([dbIngress()]), [monitoring()]);
    expect(all.complete).toBe(true);
    const few = changed(shop([]), shop([dbIngress()]), [monitoring()], 4);
    expect(few.complete).toBe(false);
    expect(all.lost).toEqual(expect.arrayContaining(few.lost));
  });
});
