import { afterEach, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { createClient } from "#src/kubernetes/client.ts";
import { systemClock } from "#src/kubernetes/clock.ts";
import { connect as connectKubernetes } from "#src/kubernetes/connection.ts";
import { Interner } from "#src/network/interner.ts";
import { followCluster, type Following } from "#src/serve/follow.ts";
import { followedKinds } from "#src/view/followed-kinds.ts";
import { createLiveView, type LiveView } from "#src/view/live-view.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../control-plane/connection.ts";
import { createRunningPod } from "../control-plane/pods.ts";
import { kubeconfig } from "../control-plane/users.ts";
import { until } from "../control-plane/wait.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { hasty } from "../support/followed.ts";
import { uniqueName } from "./support.ts";

const address = inject("controlPlane");
const { api } = connect(address);
const policies = (namespace: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await startFaultProxy(address);
});
afterEach(() => proxy.stop());

/** The view of Ringfence's own account behind the proxy; ended when the test is over. */
async function startView(): Promise<{ view: LiveView; following: Following }> {
  const folder = await mkdtemp(join(tmpdir(), "ringfence-view-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "kubeconfig");
  const { server, authorityPem } = proxy;
  const token = address.tokens.ringfence;
  await writeFile(file, kubeconfig({ server, authorityPem, user: "ringfence", token }));
  const connection = await connectKubernetes({ kubeconfig: file });
  const view = createLiveView({ interner: new Interner() });
  const following = followCluster({
    client: createClient(connection, { answerTimeout: 5_000 }),
    view,
    observer: () => undefined,
    clock: systemClock,
    random: Math.random,
    settings: hasty,
  });
  onTestFinished(() => following.stop());
  return { view, following };
}

async function makeNamespace(): Promise<string> {
  const name = uniqueName("view");
  await api.admin.expect("POST", "/api/v1/namespaces", {
    body: { metadata: { name, labels: { team: name } } },
  });
  onTestFinished(async () => {
    await api.admin.send("DELETE", `/api/v1/namespaces/${name}`);
  });
  return name;
}

const makePolicy = (namespace: string, name: string): Promise<unknown> =>
  api.admin.expect("POST", policies(namespace), {
    body: { metadata: { name }, spec: { podSelector: {}, policyTypes: ["Ingress"] } },
  });

test("R50, R82: complete after the first lists, two at a time, and by then it knows the cluster's DNS", async () => {
  proxy.inject({ type: "delay", milliseconds: 20 }, { request: "list" });
  const { view, following } = await startView();
  expect(following.synced()).toBe(false);
  expect(following.kinds().map(({ kind, phase }) => [kind, phase])).toEqual(
    [...followedKinds, "discovery"].map((kind) => [kind, "starting"]),
  );
  await until("the view to be complete", () => following.synced());
  expect(proxy.listsAtOnce()).toBe(2);
  expect(view.namespaces?.get("kube-system")?.labels.get("kubernetes.io/metadata.name")).toBe("kube-system");
  expect(view.dns).toMatchObject({
    known: true,
    resolvers: [
      {
        name: "kube-system/kube-dns",
        clusterIPs: ["10.96.0.10"],
        endpoints: [{ addresses: ["10.244.0.2", "10.244.0.3"], hostNetwork: false }],
      },
    ],
  });
});

test("at a start nothing is watched before every kind has been listed: no list waits for the connection of a watch", async () => {
  await startView();
  const asked = () => proxy.requests.map(({ kind }) => kind).filter((kind) => kind !== "discovery");
  await until("every kind to be watched", () => {
    return asked().filter((kind) => kind === "watch").length >= followedKinds.length;
  });
  expect(asked().lastIndexOf("list")).toBeLessThan(asked().indexOf("watch"));
});

test("a namespace, its policies, pods and templates are seen as they come and go", async () => {
  const { view, following } = await startView();
  await until("the view to be complete", () => following.synced());
  const changed = view.changed("nowhere", AbortSignal.timeout(10_000));
  const name = await makeNamespace();
  await changed;
  await until("the namespace", () => view.namespaces?.get(name));
  expect(view.workloads(name)).toEqual([]);

  await makePolicy(name, "closed");
  await until("the policy", () => view.policies(name)?.get("closed"));
  await createRunningPod(api.admin, {
    namespace: name,
    name: "web-1",
    labels: { app: "web" },
    ip: "10.244.9.1",
  });
  const template = {
    metadata: { labels: { app: "db" } },
    spec: { containers: [{ name: "db", image: "db" }] },
  };
  await api.admin.expect("POST", `/apis/apps/v1/namespaces/${name}/statefulsets`, {
    body: {
      metadata: { name: "db" },
      spec: { serviceName: "db", selector: { matchLabels: { app: "db" } }, template },
    },
  });
  const groups = (): string[] => (view.workloads(name) ?? []).flatMap(({ examples }) => examples).sort();
  await until("pod and template", () => groups().length === 2);
  expect(groups()).toEqual(["StatefulSet/db", "web-1"]);

  await api.admin.expect("DELETE", `${policies(name)}/closed`);
  await until("the policy to be gone", () => view.policies(name)?.policies.length === 0);
  // No kubelet ends the pod.
  await api.admin.expect("DELETE", `/api/v1/namespaces/${name}/pods/web-1?gracePeriodSeconds=0`);
  await until("the pod to be gone", () => groups().length === 1);
  await api.admin.expect("DELETE", `/api/v1/namespaces/${name}`);
  await until("the namespace to be gone", () => view.namespaces?.get(name) === undefined);
  expect(view.policies(name)).toBeUndefined();
});

test("R78: after cuts, refusals and history that has passed it is what the cluster is, and no connection is left over", async () => {
  const { view, following } = await startView();
  await until("the view to be complete", () => following.synced());
  const name = await makeNamespace();
  await makePolicy(name, "goes");
  await until("the policy", () => view.policies(name)?.get("goes"));
  const repairs = [
    proxy.inject({ type: "answer", status: 410 }, { request: "watch", path: "networkpolicies" }),
    proxy.inject({ type: "answer", status: 503 }, { request: "watch", path: "namespaces" }),
    proxy.inject({ type: "cut" }, { path: "pods" }),
  ];
  proxy.cut();
  await api.admin.expect("DELETE", `${policies(name)}/goes`);
  await makePolicy(name, "comes");
  // While the API server is away it goes on answering, and stays complete.
  expect(following.synced()).toBe(true);
  expect(view.policies(name)).toBeDefined();
  for (const repair of repairs) repair();
  await until("the new policy alone", () => {
    const names = view.policies(name)?.policies.map((policy) => policy.name) ?? [];
    return names.length === 1 && names[0] === "comes";
  });
  await until("all kinds to be watched", () => following.kinds().every(({ phase }) => phase === "watching"));
  // Discovery has one as well.
  await until("a connection per kind at most", () => proxy.connections() <= followedKinds.length + 1);
  await following.stop();
  await until("no connection", () => proxy.connections() === 0);
});

test("R83: with kinds that may not be read it is complete, and what depends on them unknown until it may", async () => {
  const grant = proxy.inject({ type: "answer", status: 403 }, { path: "/apis/batch/" });
  const { view, following } = await startView();
  await until("the view to be complete", () => following.synced());
  const name = await makeNamespace();
  await until("the namespace", () => view.policies(name));
  expect(view.workloads(name)).toBeUndefined();
  const forbidden = following.kinds().filter(({ phase }) => phase === "forbidden");
  expect(forbidden.map(({ kind }) => kind)).toEqual(["jobs", "cronjobs"]);
  grant();
  await until("the workloads to be known", () => view.workloads(name));
});

test("R83: without a right to Ingresses and to the Service of the API server these are unknown, and nothing else", async () => {
  const grants = ["/apis/networking.k8s.io/v1/ingresses", "/api/v1/namespaces/default/services"].map((path) =>
    proxy.inject({ type: "answer", status: 403 }, { path }),
  );
  const { view, following } = await startView();
  await until("the view to be complete", () => following.synced());
  const name = await makeNamespace();
  await until("the namespace", () => view.policies(name));
  expect([view.routes(name), view.apiServer]).toEqual([undefined, undefined]);
  expect(view.services(name)).toBeDefined();
  for (const grant of grants) grant();
  await until("the routes to be known", () => view.routes(name));
});
