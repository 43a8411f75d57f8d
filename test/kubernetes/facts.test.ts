import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ApiError } from "#src/kubernetes/api-error.ts";
import { startFacts, type FactsLoop } from "#src/kubernetes/facts-loop.ts";
import { readClusterFacts, type FactsClient } from "#src/kubernetes/facts.ts";
import type { Clock } from "#src/kubernetes/clock.ts";
import type { KubernetesObject, Query } from "#src/kubernetes/client.ts";
import type { ClusterFacts } from "#src/wire/cluster-facts.ts";
import { recordedCluster } from "../support/recorded-cluster.ts";

const { signal } = new AbortController();

/** A recorded cluster, with the requests that were made. */
function watched(name: string): { client: FactsClient; asked: string[] } {
  const { client } = recordedCluster(
    fileURLToPath(new URL(`../fixtures/facts/${name}.yaml`, import.meta.url)),
  );
  const asked: string[] = [];
  const note = (path: string, query: Query = {}): void => {
    const text = new URLSearchParams(query).toString();
    asked.push(text === "" ? path : `${path}?${text}`);
  };
  return {
    asked,
    client: {
      get: (path, abort) => {
        note(path);
        return client.get(path, abort);
      },
      list: (path, query, abort) => {
        note(path, query);
        return client.list(path, query, abort);
      },
    },
  };
}

describe("reading facts", () => {
  it("asks in small pages, by name, and for no list of Nodes that grows with the cluster", async () => {
    const { client, asked } = watched("cni/calico/not-on-all-nodes");
    const facts = await readClusterFacts(client, signal);
    expect(facts.nodes).toMatchObject({ state: "read", value: { total: 5000 } });
    const nodes = asked.filter((each) => each.startsWith("/api/v1/nodes"));
    expect(nodes.sort()).toEqual([
      "/api/v1/nodes?labelSelector=node-role.kubernetes.io%2Fcontrol-plane&resourceVersion=0",
      "/api/v1/nodes?limit=20",
    ]);
    const lists = asked.filter((each) => each.includes("?") && !each.startsWith("/api/v1/nodes"));
    for (const each of lists) expect(each).toMatch(/limit=500|service-name%3D/);
    expect(asked.length).toBeLessThan(30);
  });

  it("tells absent, forbidden and failed apart, with what was asked", async () => {
    const client: FactsClient = {
      get: (path) =>
        Promise.reject(
          path.endsWith("cilium-config")
            ? new ApiError(404, "not found")
            : path === "/apis"
              ? new Error("connect ECONNREFUSED")
              : new ApiError(403, "forbidden"),
        ),
      list: () => Promise.reject(new ApiError(500, "etcd is away")),
    };
    const facts = await readClusterFacts(client, signal);
    expect(facts.configMaps.get("kube-system/cilium-config")).toMatchObject({
      state: "absent",
      question: { verb: "get", resource: "configmaps", namespace: "kube-system", name: "cilium-config" },
    });
    expect(facts.apiGroups).toMatchObject({ state: "failed", problem: "connect ECONNREFUSED" });
    expect(facts.openShiftSdnPlugin).toMatchObject({ state: "forbidden", question: { name: "default" } });
    expect(facts.daemonSets).toMatchObject({ state: "failed", problem: "etcd is away" });
  });

  it("goes through all pages of DaemonSets, and gives up beyond what it takes", async () => {
    const page = (
      count: number,
      next: string,
    ): { metadata: { continue?: string }; items: KubernetesObject[] } => ({
      metadata: next === "" ? {} : { continue: next },
      items: Array.from({ length: count }, (_, index) => ({ metadata: { name: `ds-${next}-${index}` } })),
    });
    const paged = (pages: number): FactsClient => ({
      get: () => Promise.reject(new ApiError(404, "not found")),
      list: (path, query) => {
        if (!path.endsWith("/daemonsets")) return Promise.resolve({ metadata: {}, items: null });
        const at = Number(query["continue"] ?? 0);
        return Promise.resolve(page(500, at + 1 < pages ? String(at + 1) : ""));
      },
    });
    const three = await readClusterFacts(paged(3), signal);
    if (three.daemonSets.state !== "read") throw new Error(three.daemonSets.state);
    expect(three.daemonSets.value).toHaveLength(1_500);
    const endless = await readClusterFacts(paged(Infinity), signal);
    expect(endless.daemonSets).toMatchObject({ state: "failed", problem: "there are more than 2000" });
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error("stopped");
    const { client } = watched("cni/flannel/alone");
    await expect(readClusterFacts(client, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("keeps names such as __proto__ and constructor, and only literal values of the environment", async () => {
    const daemonSet = {
      metadata: {
        name: "x",
        namespace: "y",
        labels: JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>,
      },
      spec: {
        template: { spec: { containers: [{ name: "c", env: [{ name: "A", value: "1" }, { name: "B" }] }] } },
      },
    };
    const client: FactsClient = {
      get: () => Promise.reject(new ApiError(404, "not found")),
      list: (path) =>
        Promise.resolve({ metadata: {}, items: path.endsWith("/daemonsets") ? [daemonSet] : [] }),
    };
    const facts = await readClusterFacts(client, signal);
    if (facts.daemonSets.state !== "read") throw new Error(facts.daemonSets.state);
    const [read] = facts.daemonSets.value;
    expect([...(read?.labels ?? [])]).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
    expect([...(read?.containers[0]?.env ?? [])]).toEqual([["A", "1"]]);
    expect(read?.pods).toBeUndefined();
  });
});

/** A clock whose sleeps end when the test says so. */
function handClock(): Clock & { next(): void; readonly waits: number[]; at: number } {
  let wake: (() => void) | undefined;
  const waits: number[] = [];
  return {
    at: 0,
    waits,
    now() {
      return this.at;
    },
    sleep: (milliseconds, abort) =>
      new Promise((resolve) => {
        waits.push(milliseconds);
        wake = resolve;
        if (abort.aborted) resolve();
        abort.addEventListener("abort", () => resolve());
      }),
    next: () => wake?.(),
  };
}

describe("reading facts again and again", () => {
  /** A loop over answers that change from one reading to the next. */
  async function loop(
    clients: readonly FactsClient[],
    taken: (facts: ClusterFacts, loop: FactsLoop, clock: ReturnType<typeof handClock>) => void,
  ): Promise<{ failures: unknown[]; waits: number[] }> {
    const clock = handClock();
    const failures: unknown[] = [];
    let round = 0;
    const current = (): FactsClient => clients[Math.min(round, clients.length - 1)] ?? failing;
    await new Promise<void>((resolve) => {
      const started = startFacts({
        client: {
          get: (path, abort) => current().get(path, abort),
          list: (path, query, abort) => current().list(path, query, abort),
        },
        clock,
        random: () => 0.5,
        turn: () => Promise.resolve(),
        failed: (error) => {
          failures.push(error);
        },
        changed: (facts) => {
          taken(facts, started, clock);
          round += 1;
          const last = round === clients.length;
          queueMicrotask(() =>
            setImmediate(() => {
              if (last) void started.stop().then(resolve);
              else clock.next();
            }),
          );
        },
      });
    });
    return { failures, waits: clock.waits };
  }
  const failing: FactsClient = {
    get: () => Promise.reject(new Error("connect ECONNREFUSED")),
    list: () => Promise.reject(new Error("connect ECONNREFUSED")),
  };
  const forbidding: FactsClient = {
    get: () => Promise.reject(new ApiError(403, "forbidden")),
    list: () => Promise.reject(new ApiError(403, "forbidden")),
  };

  it("once a minute; an API server that is away makes nothing unknown, a right taken away does", async () => {
    const { client } = watched("cni/flannel/alone");
    const states: string[] = [];
    const { waits } = await loop([client, failing, forbidding, client], ({ daemonSets }) => {
      states.push(daemonSets.state);
    });
    expect(states).toEqual(["read", "read", "forbidden", "read"]);
    expect(new Set(waits)).toEqual(new Set([60_000]));
  });

  it("what was never read is not known", async () => {
    const states: string[] = [];
    await loop([failing, failing], ({ daemonSets, configMaps }) => {
      states.push(daemonSets.state, configMaps.get("kube-system/cilium-config")?.state ?? "");
    });
    expect(new Set(states)).toEqual(new Set(["failed"]));
  });

  it("asks for nothing before its turn, and ends when it is stopped before", async () => {
    const { client, asked } = watched("cni/flannel/alone");
    const begin = async (turn: Promise<void>): Promise<{ read: Promise<ClusterFacts>; loop: FactsLoop }> => {
      const { promise: read, resolve: changed } = Promise.withResolvers<ClusterFacts>();
      const failed = (error: unknown): void => expect.fail(String(error));
      const waits = (abort: AbortSignal): Promise<void> =>
        Promise.race([turn, new Promise<void>((end) => abort.addEventListener("abort", () => end()))]);
      const started = startFacts({
        client,
        clock: handClock(),
        random: () => 0.5,
        turn: waits,
        changed,
        failed,
      });
      await new Promise(setImmediate);
      expect(asked).toEqual([]);
      return { read, loop: started };
    };
    const stopped = await begin(new Promise(() => undefined));
    await stopped.loop.stop();
    expect(asked).toEqual([]);
    const { promise: turn, resolve: go } = Promise.withResolvers<undefined>();
    const { read, loop: started } = await begin(turn.then(() => undefined));
    go(undefined);
    expect(started.current()).toBeUndefined();
    expect((await read).daemonSets.state).toBe("read");
    expect(asked).not.toEqual([]);
    await started.stop();
  });

  it("tells the age of the last reading", async () => {
    const { client } = watched("cni/flannel/alone");
    await loop([client], (facts, started, clock) => {
      expect(started.current()).toBe(facts);
      clock.at = 30_000;
      expect(started.ageSeconds()).toBe(30);
    });
  });
});
