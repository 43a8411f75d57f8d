import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Interner } from "#src/network/interner.ts";
import { groupWorkloads, namedPortsOf, podFacts, templateFacts } from "#src/network/workloads.ts";
import type { Pod } from "#src/wire/pod.ts";
import { groupsOf, workload } from "./cluster.ts";

const pod: Pod = {
  metadata: { name: "web-1", namespace: "shop", labels: { app: "web" } },
  spec: {
    containers: [{ ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }, { containerPort: 9 }] }],
  },
};

describe("facts", () => {
  it("of a pod", () => {
    expect(podFacts(pod, new Interner())).toEqual({
      kind: "pod",
      name: "web-1",
      labels: new Map([["app", "web"]]),
      namedPorts: [{ name: "http", protocol: "TCP", port: 8080 }],
      hostNetwork: false,
      dnsPolicy: "ClusterFirst",
      terminating: false,
      finished: false,
    });
  });

  it.each([
    [{ status: { phase: "Succeeded" } }, { finished: true }],
    [{ status: { phase: "Failed" } }, { finished: true }],
    [{ status: { phase: "Running" } }, { finished: false }],
    [{ metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }, { terminating: true, name: "" }],
    [{ spec: { hostNetwork: true, dnsPolicy: "Default" } }, { hostNetwork: true, dnsPolicy: "Default" }],
    [{ spec: undefined }, { namedPorts: [] }],
  ] as const)("of a pod with %j", (change, facts) => {
    expect(podFacts({ ...pod, ...change } as Pod, new Interner())).toMatchObject(facts);
  });

  it.each<[string | undefined, object]>([
    ["operator", {}],
    [undefined, { serviceAccountName: "default" }],
    [undefined, { serviceAccountName: undefined }],
    [undefined, { volumes: null }],
    [undefined, { volumes: [{ name: "data", emptyDir: {} }, { projected: { sources: null } }] }],
    [undefined, { volumes: [{ projected: { sources: [{ serviceAccountToken: { audience: "vault" } }] } }] }],
    [undefined, { containers: [{ env: [{ name: "https_proxy", valueFrom: {} }] }] }],
    ["operator", { containers: [{ env: [{ name: "NO_PROXY", value: "*" }] }] }],
  ])("of a pod say as whom it may call the API server: %s with %j", (expected, change) => {
    const volumes = [
      { projected: { sources: [{ configMap: {} }, { serviceAccountToken: { path: "token" } }] } },
    ];
    const spec = { serviceAccountName: "operator", volumes, ...change };
    expect(podFacts({ ...pod, spec } as Pod, new Interner()).apiAccount).toBe(expected);
  });

  it.each([
    [true, "operator"],
    [false, undefined],
    [undefined, undefined],
  ])("of a template only where it asks for the token: %s", (asks, expected) => {
    const spec = { serviceAccountName: "operator", automountServiceAccountToken: asks };
    const facts = templateFacts("Deployment/web", { spec } as Pod, false, new Interner());
    expect(facts.apiAccount).toBe(expected);
    expect(groupsOf(facts)[0]?.apiAccount).toBe(expected);
  });

  it("of a template", () => {
    const template = { metadata: { labels: { app: "web" } }, ...(pod.spec && { spec: pod.spec }) };
    expect(templateFacts("Deployment/web", template, true, new Interner())).toMatchObject({
      kind: "template",
      name: "Deployment/web",
      terminating: true,
      finished: false,
    });
    expect(templateFacts("Job/x", {}, false, new Interner()).labels.size).toBe(0);
  });

  it("count the named ports of sidecars, not of other init containers", () => {
    const ports = (name: string) => [{ name, containerPort: 1 }];
    const spec = {
      containers: [{ ports: ports("main") }, {}],
      initContainers: [{ ports: ports("init") }, { restartPolicy: "Always", ports: ports("sidecar") }],
    };
    expect(namedPortsOf(spec).map(({ name, protocol }) => `${name}/${protocol}`)).toEqual([
      "main/TCP",
      "sidecar/TCP",
    ]);
  });
});

describe("groups", () => {
  it("hold what policies cannot tell apart, with a few names", () => {
    const groups = groupsOf(
      ...["d", "b", "a", "c"].map((name) => workload(name, { app: "web" })),
      workload("e", { app: "api" }),
    );
    expect(groups.map(({ count, examples }) => [count, ...examples])).toEqual([
      [1, "e"],
      [4, "a", "b", "c"],
    ]);
  });

  it.each([
    { kind: "template" },
    { hostNetwork: true },
    { dnsPolicy: "None" },
    { terminating: true },
    { finished: true },
    { namedPorts: [{ name: "http", protocol: "TCP", port: 80 }] },
  ] as const)("tell %j apart", (facts) => {
    expect(groupsOf(workload("a", {}), workload("b", {}, facts))).toHaveLength(2);
  });

  const facts = fc.record({
    app: fc.constantFrom("a", "b"),
    hostNetwork: fc.boolean(),
    finished: fc.boolean(),
    name: fc.stringMatching(/^[a-z]{3}$/),
  });
  test.prop([fc.uniqueArray(facts, { selector: ({ name }) => name, maxLength: 12 })])(
    "count everything once, in any order, with ids of their own",
    (list) => {
      const all = list.map(({ name, app, ...rest }) => workload(name, { app }, rest));
      const groups = groupWorkloads(all);
      expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
      expect(new Set(groups.map(({ id }) => id)).size).toBe(groups.length);
      expect(groupWorkloads([...all].reverse())).toEqual(groups);
    },
  );
});
