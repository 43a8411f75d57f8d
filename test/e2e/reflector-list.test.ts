import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { KubernetesObject } from "#src/kubernetes/client.ts";
import { connect } from "../control-plane/connection.ts";
import { until } from "../control-plane/wait.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { follow } from "../support/followed.ts";
import { leases } from "../support/leases.ts";

const address = inject("controlPlane");
const { api } = connect(address);
const token = address.tokens.admin;
let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await startFaultProxy(address);
});
afterEach(() => proxy.stop());

test("R82: lists in pages, hands each one on as it comes, then watches from where the list ended", async () => {
  const { path, create, touch, remove } = await leases(api.admin);
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  await create(...names);
  const { replica, events } = follow(proxy, { path, token, settings: { pageSize: 3 } });
  await until("the list", () => replica.known);
  expect(replica.calls).toEqual(["replaceBegin", ...names.map((name) => `upsert ${name}`), "replaceDone"]);
  expect(events[0]).toMatchObject({ type: "listed", objects: 7, pages: 3 });
  const lists = proxy.requests.filter(({ kind }) => kind !== "watch");
  expect(lists.map(({ kind, query }) => [kind, query.get("limit")])).toEqual([
    ["list", "3"],
    ["continue", "3"],
    ["continue", "3"],
  ]);
  await create("h");
  await touch("a", "1");
  await remove("b");
  await until("the events", () => replica.calls.length === 12);
  expect(replica.calls.slice(9)).toEqual(["upsert h", "upsert a", "remove b"]);
});

test("asks for bookmarks, and resumes a watch that has ended from its last event, without a list", async () => {
  const { path, create } = await leases(api.admin);
  await create("a");
  const { replica, events } = follow(proxy, { path, token, settings: { watchSeconds: 2 } });
  const watches = (): URLSearchParams[] =>
    proxy.requests.filter(({ kind }) => kind === "watch").map(({ query }) => query);
  await until("a watch", () => watches().length > 0);
  await create("b");
  await until("the event", () => replica.names().includes("b"));
  const before = watches().length;
  await until("another watch", () => watches().length > before);
  const last = watches().at(-1);
  expect(last?.get("allowWatchBookmarks")).toBe("true");
  expect(Number(last?.get("timeoutSeconds"))).toBeLessThanOrEqual(2);
  expect(Number(last?.get("resourceVersion"))).toBeGreaterThanOrEqual(Number(replica.objects.get("b")));
  await create("c");
  await until("the event", () => replica.names().includes("c"));
  expect(replica.calls).toEqual(["replaceBegin", "upsert a", "replaceDone", "upsert b", "upsert c"]);
  expect(events.map(({ type }) => type)).toEqual(["listed"]);
  // One connection, used again and again.
  expect(proxy.connections()).toBe(1);
});

test("an object that the handler fails on is told of, and the others go on", async () => {
  const { path, create } = await leases(api.admin);
  await create("bad", "good");
  const { replica, events } = follow(proxy, { path, token });
  const upsert = replica.upsert.bind(replica);
  replica.upsert = (object: KubernetesObject) => {
    if (object.metadata.name === "bad") throw new Error("no");
    upsert(object);
  };
  await until("the list", () => replica.known);
  await create("fine");
  await until("the event", () => replica.names().includes("fine"));
  expect(replica.names()).toEqual(["fine", "good"]);
  expect(events[0]).toMatchObject({ type: "objectFailed", name: "bad" });
});

test("ends while it lists, while it watches and while it waits", async () => {
  const { path, create } = await leases(api.admin);
  await create("a");
  const repair = proxy.inject({ type: "silence" }, { request: "list" });
  const listing = follow(proxy, { path, token });
  await until("the list to be asked for", () => proxy.requests.length === 1);
  await listing.stop();
  repair();
  const watching = follow(proxy, { path, token });
  await until("a watch", () => proxy.requests.some(({ kind }) => kind === "watch"));
  await watching.stop();
  proxy.inject({ type: "answer", status: 503, retryAfterSeconds: 60 });
  const waiting = follow(proxy, { path, token });
  await until("a failure", () => waiting.events.length === 1);
  await waiting.stop();
  await until("no connection", () => proxy.connections() === 0);
});
