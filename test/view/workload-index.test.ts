import { describe, expect, test } from "vitest";
import type { Workload } from "#src/wire/workload.ts";
import { cronJob, knownView, namespace, ownedBy, pod, workload } from "./support.ts";

describe("workloads", () => {
  const labels = { app: "web" };
  const names = (view: ReturnType<typeof knownView>): string[] =>
    (view.workloads("shop") ?? []).flatMap(({ examples }) => examples).sort();

  test("pods and templates, but not those that another's stand for", () => {
    const view = knownView({
      namespaces: [namespace("shop")],
      pods: [
        pod("shop", "running"),
        pod("shop", "done", {}, { status: { phase: "Succeeded" } }),
        pod("shop", "failed", {}, { status: { phase: "Failed" } }),
        pod("bank", "elsewhere"),
      ],
      deployments: [workload("shop", "web", labels)],
      statefulsets: [workload("shop", "db", labels)],
      daemonsets: [workload("shop", "agent", labels)],
      replicasets: [
        workload("shop", "of-deployment", labels, { owner: "Deployment/web" }),
        workload("shop", "of-rollout", labels, { owner: "Rollout/web" }),
        workload("shop", "bare", labels),
      ],
      jobs: [
        workload("shop", "of-cronjob", labels, { owner: "CronJob/nightly" }),
        workload("shop", "complete", labels, {
          status: { conditions: [{ type: "Complete", status: "True" }] },
        }),
        workload("shop", "suspended", labels, {
          status: { conditions: [{ type: "Suspended", status: "True" }] },
        }),
      ],
      cronjobs: [cronJob("shop", "nightly", labels)],
    });
    const templates = [
      "CronJob/nightly",
      "DaemonSet/agent",
      "Deployment/web",
      "Job/suspended",
      "StatefulSet/db",
    ];
    const all = (view.workloads("shop") ?? []).reduce((sum, { count }) => sum + count, 0);
    const over = view.workloads("shop")?.filter(({ finished }) => finished);
    expect(over?.flatMap(({ examples }) => examples).sort()).toEqual(["Job/complete", "done", "failed"]);
    expect(all).toBe(1 + templates.length + 2 + 3);
    view.handlers.daemonsets.remove(workload("shop", "agent", labels));
    view.handlers.deployments.remove(workload("shop", "web", labels));
    view.handlers.cronjobs.remove(cronJob("shop", "nightly", labels));
    view.handlers.statefulsets.remove(workload("shop", "db", labels));
    expect(names(view)).toEqual([
      "Job/complete",
      "Job/suspended",
      "ReplicaSet/bare",
      "ReplicaSet/of-rollout",
      "done",
      "failed",
      "running",
    ]);
  });

  test("a pod that finishes stays as such; a revision that is scaled down goes", () => {
    const scaled = workload("shop", "old", labels, { owner: "Rollout/web" });
    const view = knownView({
      namespaces: [namespace("shop")],
      pods: [pod("shop", "a")],
      replicasets: [scaled],
    });
    expect(names(view)).toEqual(["ReplicaSet/old", "a"]);
    view.handlers.pods.upsert(pod("shop", "a", {}, { status: { phase: "Succeeded" } }));
    const down: Workload = { ...scaled, spec: { ...scaled.spec, replicas: 0 } };
    view.handlers.replicasets.upsert(down);
    expect(view.workloads("shop")).toMatchObject([{ examples: ["a"], finished: true }]);
  });

  test("the groups are the same array until a pod or template of the namespace changes", () => {
    const view = knownView({
      namespaces: [namespace("shop")],
      pods: [pod("shop", "a", labels), pod("shop", "b", labels)],
    });
    const groups = view.workloads("shop");
    expect(groups).toMatchObject([{ count: 2, examples: ["a", "b"] }]);
    view.handlers.pods.upsert(pod("shop", "a", labels, { status: { phase: "Running", podIP: "10.0.0.1" } }));
    view.handlers.pods.upsert(pod("bank", "c", labels));
    expect(view.workloads("shop")).toBe(groups);
    view.handlers.pods.upsert(pod("shop", "c", labels));
    expect(view.workloads("shop")).toMatchObject([{ count: 3 }]);
  });
});

describe("what controls a pod at the end", () => {
  const labels = { app: "web" };
  const owned = (name: string, owner: string) => {
    const { metadata, ...rest } = pod("shop", name, { app: name });
    return { ...rest, metadata: { ...metadata, ...ownedBy(owner) } };
  };
  const going = { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } };
  /** The roots of the pods, by name. */
  const roots = (view: ReturnType<typeof knownView>) =>
    Object.fromEntries(
      (view.workloads("shop") ?? [])
        .filter(({ kind }) => kind === "pod")
        .flatMap(({ examples, root }) => examples.map((name) => [name, root ?? "stays"])),
    );

  test("is followed over several owners, and is there, going or unknown", () => {
    const view = knownView({
      namespaces: [namespace("shop")],
      pods: [
        pod("shop", "bare", labels),
        owned("deployed", "ReplicaSet/web-1"),
        owned("of-what-is-gone", "ReplicaSet/web-2"),
        owned("old-revision", "ReplicaSet/web-0"),
        owned("rolled-out", "ReplicaSet/rollout-1"),
        owned("nightly", "Job/nightly-1"),
        owned("of-a-stranger", "StatefulSet.apps.kruise.io/db"),
        owned("ordinal", "StatefulSet/db"),
      ],
      deployments: [workload("shop", "web", labels)],
      statefulsets: [workload("shop", "db", labels)],
      replicasets: [
        workload("shop", "web-1", labels, { owner: "Deployment/web" }),
        workload("shop", "web-2", labels, { owner: "Deployment/gone" }),
        workload("shop", "rollout-1", labels, { owner: "Rollout/web" }),
      ],
      jobs: [workload("shop", "nightly-1", labels, { owner: "CronJob/nightly" })],
      cronjobs: [cronJob("shop", "nightly", labels)],
    });
    const all = {
      bare: "stays",
      deployed: "stays",
      "of-what-is-gone": "going",
      "old-revision": "going",
      "rolled-out": "unknown",
      nightly: "stays",
      "of-a-stranger": "unknown",
      ordinal: "stays",
    };
    expect(roots(view)).toEqual(all);
    const { metadata, ...rest } = workload("shop", "web", labels);
    view.handlers.deployments.upsert({ ...rest, metadata: { ...metadata, ...going.metadata } });
    expect(roots(view)).toEqual({ ...all, deployed: "going" });
    view.handlers.cronjobs.remove(cronJob("shop", "nightly", labels));
    expect(roots(view)).toEqual({ ...all, deployed: "going", nightly: "going" });
  });

  test("owners in a ring are unknown, whoever made them", () => {
    const view = knownView({
      namespaces: [namespace("shop")],
      pods: [owned("web", "ReplicaSet/a")],
      replicasets: [
        workload("shop", "a", labels, { owner: "ReplicaSet/b" }),
        workload("shop", "b", labels, { owner: "ReplicaSet/a" }),
      ],
    });
    expect(roots(view)).toEqual({ web: "unknown" });
  });
});
