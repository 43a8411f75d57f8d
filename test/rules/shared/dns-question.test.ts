import { expect, test } from "vitest";
import type { PodScope } from "#src/network/coverage.ts";
import { everything } from "#src/network/selector.ts";
import { groupWorkloads, type WorkloadFacts } from "#src/network/workloads.ts";
import { describePods } from "#src/rules/shared/dns-question.ts";

const pod = (name: string): WorkloadFacts => ({
  kind: "pod",
  name,
  labels: new Map([["app", "api"]]),
  namedPorts: [],
  hostNetwork: false,
  dnsPolicy: "ClusterFirst",
  terminating: false,
  finished: false,
});
const groups = groupWorkloads(["api-1", "api-2", "api-3", "api-4", "api-5"].map(pod));
const scope: PodScope = {
  kind: "groups",
  ids: new Set(groups.map(({ id }) => id)),
  groups,
  beyond: { selector: everything("pods"), except: [] },
};

test("pods are named, at most three of them", () => {
  const text = describePods({ scope, byPresentPods: false }, "pods app=api");
  expect(text).toBe("api-1, api-2, api-3 and 2 more (among pods app=api)");
});

test("a finding says so where only the present pods decided", () => {
  const text = describePods({ scope, byPresentPods: true }, "pods app=api");
  expect(text).toBe(
    "api-1, api-2, api-3 and 2 more (among pods app=api; only pods that are present were looked at)",
  );
});
