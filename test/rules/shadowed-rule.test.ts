import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ClusterView } from "#src/model/cluster-view.ts";
import { workBudget } from "#src/network/budget.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet, withPolicy } from "#src/network/policy-set.ts";
import { shadowedRule } from "#src/rules/shadowed-rule.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { clusters, everyTraffic } from "../network/naive/clusters.ts";
import { naiveAllows } from "../network/naive/evaluator.ts";
import { settingsWith } from "../support/settings.ts";
import { compile, policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

/** The paths and keys of what the rule says of a policy of x beside the others. */
function shadowed(object: NetworkPolicy, others: readonly NetworkPolicy[]) {
  const facts = {
    name: "x",
    uid: "x",
    labels: labelSet({ "kubernetes.io/metadata.name": "x", team: "one" }),
    annotations: labelSet({}),
    terminating: false,
  };
  const set = withPolicy(policySet("x", others.map(compile)), compile(object));
  const view: ClusterView = {
    ...knowsNothing,
    namespaces: { get: () => facts, matching: () => [facts] },
    policies: () => set,
  };
  const context = { view, options: {}, settings: settingsWith(), budget: workBudget(100_000) };
  return shadowedRule.check(policySubject({ object, namespace: "x" }), context);
}

test.prop([clusters], { numRuns: 300 })(
  "without the rules that are shadowed every pod reaches the same",
  (cluster) => {
    const [object, ...others] = cluster.policies.filter(({ metadata }) => metadata.namespace === "x");
    if (object === undefined) return;
    const found = shadowed(object, others);
    if (found.length === 0) return;
    const gone = found.map(({ path }) => path.join("/"));
    const kept = <R>(direction: "ingress" | "egress", rules: R[] | undefined) =>
      rules?.filter((_, index) => !gone.includes(`spec/${direction}/${index}`)) ?? [];
    const compiled = compile(object);
    const types = (["Ingress", "Egress"] as const).filter((type) =>
      type === "Ingress" ? compiled.isolates.ingress : compiled.isolates.egress,
    );
    const spec: NetworkPolicySpec = {
      ...object.spec,
      policyTypes: types,
      ingress: kept("ingress", object.spec?.ingress),
      egress: kept("egress", object.spec?.egress),
    };
    const less = {
      ...cluster,
      policies: cluster.policies.map((each) => (each === object ? { ...each, spec } : each)),
    };
    for (const traffic of everyTraffic(cluster)) {
      for (const namedPortsOfRanges of [true, false]) {
        const reading = { namedPortsOfRanges };
        expect(naiveAllows(less, traffic, reading)).toBe(naiveAllows(cluster, traffic, reading));
      }
    }
  },
);

test.prop([clusters, fc.nat()], { numRuns: 100 })(
  "which rules are shadowed does not depend on their order",
  (cluster, seed) => {
    const [object, ...others] = cluster.policies.filter(({ metadata }) => metadata.namespace === "x");
    if (object === undefined) return;
    const turned = <T>(rules: readonly T[] | undefined): T[] => {
      const list = [...(rules ?? [])];
      return [...list.slice(seed % 2), ...list.slice(0, seed % 2)].toReversed();
    };
    const { spec = {} } = object;
    const compiled = compile(object);
    const types = [
      ...(compiled.isolates.ingress ? ["Ingress"] : []),
      ...(compiled.isolates.egress ? ["Egress"] : []),
    ];
    const other = {
      ...object,
      spec: { ...spec, policyTypes: types, ingress: turned(spec.ingress), egress: turned(spec.egress) },
    };
    const keys = (found: ReturnType<typeof shadowed>) => found.map(({ key }) => key).sort();
    expect(keys(shadowed(other, others.toReversed()))).toEqual(keys(shadowed(object, others)));
  },
);

it("says nothing where it is too much work to be sure, and ends soon", () => {
  const rule = (app: string) => ({ from: [{ podSelector: { matchLabels: { app } } }] });
  const made = (name: string, apps: readonly string[]): NetworkPolicy => ({
    metadata: { name, namespace: "x" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: apps.map(rule) },
  });
  const apps = (prefix: string) => Array.from({ length: 1_000 }, (_, index) => `${prefix}${index}`);
  const found = shadowed(made("own", apps("a")), [made("one", apps("b")), made("two", apps("a"))]);
  expect(found.length).toBeLessThan(1_000);
});
