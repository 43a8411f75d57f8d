import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createClient } from "#src/kubernetes/client.ts";
import { systemClock } from "#src/kubernetes/clock.ts";
import { connect } from "#src/kubernetes/connection.ts";
import type { ReflectorEvent } from "#src/kubernetes/reflector.ts";
import { Interner } from "#src/network/interner.ts";
import { followCluster, type Following } from "#src/serve/follow.ts";
import { createLiveView, type LiveView } from "#src/view/live-view.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { kubeconfig } from "../../control-plane/users.ts";
import { until } from "../../control-plane/wait.ts";
import { startFaultProxy, type FaultProxy } from "../../support/fault-proxy.ts";
import { hasty } from "../../support/followed.ts";
import { cilium, clusterWide, install, objectOf, pathOf, uninstall, type CustomKind } from "./kinds.ts";

/** Of its own: kinds come and go. */
let controlPlane: ControlPlane;
let proxy: FaultProxy;
const namespace = "default";
const id = "CiliumNetworkPolicy.cilium.io";
const stands = [{ name: "CiliumNetworkPolicy (cilium.io)", where: "namespace" }];
const unreadable = [{ name: "CiliumNetworkPolicy (cilium.io)", where: "unreadable" }];

beforeAll(async () => {
  controlPlane = await startControlPlane();
}, 180_000);
afterAll(() => controlPlane.stop(), 60_000);
beforeEach(async () => {
  proxy = await startFaultProxy(controlPlane.address);
  onTestFinished(() => proxy.stop());
});

interface Followed {
  readonly view: LiveView;
  readonly following: Following;
  /** What was observed of each kind. */
  readonly events: (kind: string) => readonly ReflectorEvent[];
}

/** The view of Ringfence's own account behind the proxy; ended when the test is over. */
async function follow(): Promise<Followed> {
  const folder = await mkdtemp(join(tmpdir(), "ringfence-unmodelled-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "kubeconfig");
  const { server, authorityPem } = proxy;
  const token = controlPlane.address.tokens.ringfence;
  await writeFile(file, kubeconfig({ server, authorityPem, user: "ringfence", token }));
  const view = createLiveView({ interner: new Interner() });
  const observed: (readonly [string, ReflectorEvent])[] = [];
  const following = followCluster({
    client: createClient(await connect({ kubeconfig: file }), { answerTimeout: 5_000 }),
    view,
    observer: (kind, event) => observed.push([kind, event]),
    clock: systemClock,
    random: Math.random,
    settings: hasty,
    unmodelled: { interval: 200, patience: 1_000 },
  });
  onTestFinished(() => following.stop());
  const events = (kind: string): ReflectorEvent[] =>
    observed.filter(([of]) => of === kind).map(([, event]) => event);
  return { view, following, events };
}

async function installed(kind: CustomKind): Promise<void> {
  await install(controlPlane.api.admin, kind);
  onTestFinished(() => uninstall(controlPlane.api.admin, kind));
}

async function make(kind: CustomKind, name: string): Promise<void> {
  const path = pathOf(kind, kind.scope === "Cluster" ? undefined : namespace);
  await controlPlane.api.admin.expect("POST", path, { body: objectOf(kind, name) });
}

const remove = (kind: CustomKind, name: string): Promise<unknown> =>
  controlPlane.api.admin.expect("DELETE", `${pathOf(kind, namespace)}/${name}`);

const answer = (view: LiveView): unknown => view.unmodelledPolicies(namespace);

const untilAnswered = (what: string, view: LiveView, wanted: unknown): Promise<unknown> =>
  until(what, () => JSON.stringify(answer(view)) === JSON.stringify(wanted));

const phaseOf = ({ following }: Followed, kind: string): string | undefined =>
  following.kinds().find((state) => state.kind === kind)?.phase;

describe("R84: kinds come and go while Ringfence runs", () => {
  test("a kind that comes is followed, by its metadata alone, and forgotten when it goes in the midst of a watch", async () => {
    const followed = await follow();
    const { view, following, events } = followed;
    await until("the view to be complete", () => following.synced());
    expect(answer(view)).toEqual([]);
    await install(controlPlane.api.admin, cilium);
    await make(cilium, "web");
    await untilAnswered("the policy", view, stands);
    expect(view.unmodelledPolicies("other")).toEqual([]);
    await until("a watch", () =>
      proxy.requests.some(({ kind, path }) => kind === "watch" && path === pathOf(cilium)),
    );
    await uninstall(controlPlane.api.admin, cilium);
    await untilAnswered("the kind to be gone", view, []);
    await until("its reflector to end", () => phaseOf(followed, id) === undefined);
    // The API server ended the watch and knew the path no more: no storm of errors came of it.
    expect(events(id).filter(({ type }) => type === "failed").length).toBeLessThanOrEqual(4);
    const asked = proxy.requests.length;
    await until("the next look", () => proxy.requests.slice(asked).some(({ path }) => path === "/apis"));
    expect(proxy.requests.slice(asked).filter(({ path }) => path === pathOf(cilium))).toEqual([]);
  });

  test("a kind that comes again in another version is followed there", async () => {
    await install(controlPlane.api.admin, cilium);
    const { view, following } = await follow();
    await until("the view to be complete", () => following.synced());
    await uninstall(controlPlane.api.admin, cilium);
    const newer = { ...cilium, version: "v3" };
    await installed(newer);
    await make(newer, "web");
    await untilAnswered("the policy", view, stands);
    expect(proxy.requests.some(({ path }) => path === pathOf(newer))).toBe(true);
    await remove(newer, "web");
    await untilAnswered("the policy to be gone", view, []);
  });

  test("a kind that discovery misses once, as an API server does that has just started, is not forgotten", async () => {
    await installed(cilium);
    await make(cilium, "web");
    const { view, following, events } = await follow();
    await until("the view to be complete", () => following.synced());
    proxy.inject(
      { type: "answer", status: 404 },
      { request: "discovery", path: "/apis/cilium.io/", times: 1 },
    );
    const looks = (): number => proxy.requests.filter(({ path }) => path === "/apis").length;
    const before = looks();
    await until("two more looks", () => looks() > before + 2);
    expect(answer(view)).toEqual(stands);
    expect(events(id).map(({ type }) => type)).toEqual(["listed"]);
  });

  test("after history that has passed, cuts and refusals the answer is right again", async () => {
    await installed(cilium);
    await make(cilium, "web");
    const { view, following } = await follow();
    await until("the view to be complete", () => following.synced());
    expect(answer(view)).toEqual(stands);
    const path = pathOf(cilium);
    const repairs = [
      proxy.inject({ type: "answer", status: 410 }, { request: "watch", path, times: 2 }),
      proxy.inject({ type: "cut" }, { request: "discovery", times: 2 }),
    ];
    proxy.cut();
    await remove(cilium, "web");
    await untilAnswered("the policy to be gone", view, []);
    for (const repair of repairs) repair();
    const cut = proxy.inject({ type: "answer", status: 503 }, { path });
    proxy.cut();
    await make(cilium, "db");
    cut();
    await untilAnswered("the next policy", view, stands);
  });
});

test("of a policy of such a kind nothing but its metadata is sent, in lists and watches", async () => {
  await installed(cilium);
  const { server, authorityPem, tokens } = controlPlane.address;
  const headers = { authorization: `Bearer ${tokens.ringfence}` };
  const connection = {
    server: new URL(server),
    credentials: () => Promise.resolve({ headers, options: { ca: authorityPem } }),
  };
  const client = createClient(connection, { answerTimeout: 5_000 });
  onTestFinished(() => client.close());
  const { signal } = new AbortController();
  const path = pathOf(cilium);
  const { metadata } = await client.list(path, {}, signal, "metadata");
  await make(cilium, "web");
  const seen: object[] = [];
  const query = { resourceVersion: metadata.resourceVersion ?? "", timeoutSeconds: "1" };
  await client.watch(path, query, ({ object }) => seen.push(object), signal, "metadata");
  const listed = await client.list(path, {}, signal, "metadata");
  for (const object of [...seen, ...(listed.items ?? [])]) {
    expect(object).toMatchObject({ metadata: { name: "web", namespace } });
    expect(object).not.toHaveProperty("spec");
  }
  expect([seen.length, listed.items?.length]).toEqual([1, 1]);
});

describe("what cannot be told does not keep Ringfence from being ready", () => {
  test("R50 a list that fails: not ready at first, then ready, and the policies unknown until it comes", async () => {
    await installed(cilium);
    await make(cilium, "web");
    const repair = proxy.inject({ type: "answer", status: 503 }, { path: pathOf(cilium) });
    const followed = await follow();
    const { view, following } = followed;
    await until("the kind to be found", () => phaseOf(followed, id) === "starting");
    expect(following.synced()).toBe(false);
    await until("the view to be complete", () => following.synced());
    expect(answer(view)).toEqual(unreadable);
    expect(view.unmodelledPolicies("other")).toEqual(unreadable);
    repair();
    await untilAnswered("the policy", view, stands);
    expect(view.unmodelledPolicies("other")).toEqual([]);
  });

  test("a group that does not say what is in it: unknown, told once, and known as soon as it answers", async () => {
    await installed(cilium);
    const request = "discovery";
    const repair = proxy.inject({ type: "answer", status: 503 }, { request, path: "/apis/cilium.io/" });
    const followed = await follow();
    const { view, following, events } = followed;
    await until("the view to be complete", () => following.synced());
    expect(answer(view)).toEqual([{ name: "policies of cilium.io", where: "unreadable" }]);
    expect(phaseOf(followed, "cilium.io")).toBe("forbidden");
    const looks = (): number => proxy.requests.filter(({ path }) => path === "/apis").length;
    const before = looks();
    await until("two more looks", () => looks() > before + 2);
    expect(events("cilium.io")).toHaveLength(1);
    repair();
    await untilAnswered("the group to answer", view, []);
    // A group that is known keeps what it was known to have.
    await make(cilium, "web");
    await untilAnswered("the policy", view, stands);
    proxy.inject({ type: "answer", status: 503 }, { request, path: "/apis/cilium.io/" });
    await until("the loss to be noticed", () => phaseOf(followed, "cilium.io") === "behind");
    expect(answer(view)).toEqual(stands);
  });

  test("Calico's API server that is down, where its custom resources are there to be read", async () => {
    const stored: CustomKind = {
      ...cilium,
      group: "crd.projectcalico.org",
      version: "v1",
      kind: "NetworkPolicy",
      plural: "networkpolicies",
    };
    const shown: CustomKind = { ...stored, group: "projectcalico.org", version: "v3" };
    await installed(stored);
    await installed(shown);
    proxy.inject({ type: "answer", status: 503 }, { path: "/apis/projectcalico.org/" });
    const { view, following } = await follow();
    await until("the view to be complete", () => following.synced());
    expect(answer(view)).toEqual([]);
    await make(stored, "web");
    await untilAnswered("the policy", view, [
      { name: "NetworkPolicy (crd.projectcalico.org)", where: "namespace" },
    ]);
  });

  test.each([
    ["refused", { type: "answer", status: 403 }],
    ["never answered", { type: "silence" }],
  ] as const)("discovery itself that is %s: unknown until it answers", async (_, fault) => {
    await installed(clusterWide);
    await make(clusterWide, "tenants");
    const repair = proxy.inject(fault, { request: "discovery" });
    const { view, following, events } = await follow();
    await until("the view to be complete", () => following.synced());
    expect(view.unmodelledPolicies("other")).toContainEqual({
      name: "policies of policy.networking.k8s.io",
      where: "unreadable",
    });
    await until("the failure to be told", () => events("discovery").length === 1);
    repair();
    const name = "ClusterNetworkPolicy (policy.networking.k8s.io)";
    await untilAnswered("the policy", view, [{ name, where: "cluster" }]);
  });
});
