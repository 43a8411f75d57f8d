import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { createGate } from "#src/kubernetes/gate.ts";
import { connect } from "../control-plane/connection.ts";
import { until } from "../control-plane/wait.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { follow, type Followed } from "../support/followed.ts";
import { leases, type Leases } from "../support/leases.ts";

const address = inject("controlPlane");
const { api } = connect(address);
const token = address.tokens.admin;
let proxy: FaultProxy;
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => process.on("unhandledRejection", note));
afterAll(() => process.off("unhandledRejection", note));

const setUp = async (): Promise<Leases> => {
  proxy = await startFaultProxy(address);
  return await leases(api.admin);
};
afterEach(async () => {
  await proxy.stop();
  expect(unhandled).toEqual([]);
});

const holds = (followed: Followed, ...names: string[]): Promise<unknown> =>
  until(`the replica to hold ${names.join(", ")}`, () => {
    const held = followed.replica.names();
    return held.length === names.length && held.every((name, index) => name === names[index]);
  });

/** A watch is open. */
const watching = (): Promise<unknown> =>
  until("a watch", () => proxy.requests.some(({ kind }) => kind === "watch"));

const count = (kind: string): number => proxy.requests.filter((request) => request.kind === kind).length;
const listed = ({ events }: Followed): number => events.filter(({ type }) => type === "listed").length;

describe("R78: events flow again, and none is lost, after", () => {
  test("connections that are cut", async () => {
    const { path, create, remove } = await setUp();
    await create("a", "b");
    const followed = follow(proxy, { path, token });
    await holds(followed, "a", "b");
    for (const name of ["c", "d", "e", "f", "g"]) {
      const watches = count("watch");
      proxy.cut();
      await create(name);
      await until("another watch", () => count("watch") > watches);
    }
    await remove("a");
    await holds(followed, "b", "c", "d", "e", "f", "g");
    // From where it broke: nothing was listed again.
    expect(listed(followed)).toBe(1);
    expect(proxy.connections()).toBeLessThanOrEqual(2);
    await followed.stop();
    await until("no connection", () => proxy.connections() === 0);
  });

  test("an event that was cut in two", async () => {
    const { path, create, touch } = await setUp();
    await create("a");
    const followed = follow(proxy, { path, token });
    await holds(followed, "a");
    await watching();
    proxy.inject({ type: "truncate" }, { request: "watch", times: 1 });
    await touch("a", "1");
    await create("b");
    await holds(followed, "a", "b");
    expect(followed.replica.calls.filter((call) => call === "upsert a")).toHaveLength(2);
  });

  test("a connection that stays open and says nothing any more", async () => {
    const { path, create, remove } = await setUp();
    await create("a");
    const followed = follow(proxy, { path, token });
    await holds(followed, "a");
    await watching();
    proxy.inject({ type: "silence" }, { request: "watch", times: 1 });
    await create("b");
    await remove("a");
    await holds(followed, "b");
    const { error } = followed.events.find((event) => event.type === "failed") ?? { error: undefined };
    expect(String(error)).toMatch(/silent/);
    expect(proxy.connections()).toBe(1);
  });

  test("lists and watches that are never answered", async () => {
    const { path, create } = await setUp();
    await create("a");
    proxy.inject({ type: "silence" }, { request: "list", times: 1 });
    proxy.inject({ type: "silence" }, { request: "watch", times: 1 });
    const followed = follow(proxy, { path, token });
    await holds(followed, "a");
    await create("b");
    await holds(followed, "a", "b");
  });

  test("answers that come late", async () => {
    const { path, create, touch } = await setUp();
    await create("a", "b");
    proxy.inject({ type: "delay", milliseconds: 200 });
    const followed = follow(proxy, { path, token });
    await holds(followed, "a", "b");
    for (const value of ["1", "2", "3"]) await touch("a", value);
    await create("c");
    await holds(followed, "a", "b", "c");
    expect(followed.replica.calls.filter((call) => call === "upsert a")).toHaveLength(4);
  });

  test.each([500, 503])("lists and watches answered with %d", async (status) => {
    const { path, create } = await setUp();
    await create("a");
    proxy.inject({ type: "answer", status }, { request: "list", times: 2 });
    proxy.inject({ type: "answer", status }, { request: "watch", times: 2 });
    const followed = follow(proxy, { path, token });
    await holds(followed, "a");
    await create("b");
    await holds(followed, "a", "b");
    expect(followed.events.filter(({ type }) => type === "failed").length).toBe(4);
    expect(followed.reflector.state().error).toBeUndefined();
  });

  test("an API server that cannot be reached at first", async () => {
    const { path, create } = await setUp();
    await create("a");
    const repair = proxy.inject({ type: "cut" });
    const followed = follow(proxy, { path, token });
    await until("a failure", () => followed.events.length > 2);
    expect(followed.reflector.state()).toMatchObject({ phase: "starting", stalenessSeconds: undefined });
    repair();
    await holds(followed, "a");
  });
});

describe("410 Gone: all is listed anew, and served on meanwhile, where it is", () => {
  test("the answer to a watch", async () => {
    const { path, create, remove } = await setUp();
    await create("a", "b");
    const followed = follow(proxy, { path, token });
    await holds(followed, "a", "b");
    await watching();
    const repair = proxy.inject({ type: "cut" }, { request: "watch" });
    proxy.cut();
    await remove("a");
    await create("c");
    expect(followed.replica.names()).toEqual(["a", "b"]);
    proxy.inject({ type: "answer", status: 410 }, { request: "watch", times: 1 });
    repair();
    // "a" went while nobody watched: no event tells of it, the list does.
    await holds(followed, "b", "c");
    expect(listed(followed)).toBe(2);
    expect(followed.replica.calls).not.toContain("remove a");
  });

  test("an event of the watch", async () => {
    const { path, create } = await setUp();
    await create("a");
    proxy.inject({ type: "errorEvent", status: 410 }, { request: "watch", times: 1 });
    const followed = follow(proxy, { path, token });
    await until("a second list", () => listed(followed) === 2);
    await create("b");
    await holds(followed, "a", "b");
    expect(followed.replica.known).toBe(true);
  });

  test("the answer to a further page", async () => {
    const { path, create } = await setUp();
    await create("a", "b", "c", "d", "e");
    proxy.inject({ type: "answer", status: 410 }, { request: "continue", times: 1 });
    const followed = follow(proxy, { path, token, settings: { pageSize: 2 } });
    await holds(followed, "a", "b", "c", "d", "e");
    await until("the list to be complete", () => followed.replica.known);
    expect(followed.events[0]).toMatchObject({ type: "failed", relist: true, retryIn: 0 });
    expect(followed.replica.calls.filter((call) => call === "replaceBegin")).toHaveLength(2);
  });
});

test("R82: 429 is answered by waiting as long as Retry-After says", async () => {
  const { path, create } = await setUp();
  await create("a");
  proxy.inject({ type: "answer", status: 429, retryAfterSeconds: 1 }, { request: "list", times: 1 });
  proxy.inject({ type: "answer", status: 429, retryAfterSeconds: 1 }, { request: "watch", times: 1 });
  const followed = follow(proxy, { path, token });
  await holds(followed, "a");
  await create("b");
  await holds(followed, "a", "b");
  const waits = followed.events.flatMap((event) => (event.type === "failed" ? [event.retryIn] : []));
  expect(waits).toEqual([1_000, 1_000]);
});

test("what was known stays, and its age is told, while the API server is away", async () => {
  const { path, create } = await setUp();
  await create("a", "b");
  const followed = follow(proxy, { path, token });
  await holds(followed, "a", "b");
  const repair = proxy.inject({ type: "cut" });
  proxy.cut();
  await until("the loss to be noticed", () => followed.reflector.state().phase === "behind");
  const before = followed.reflector.state().stalenessSeconds ?? 0;
  await until("the age to grow", () => (followed.reflector.state().stalenessSeconds ?? 0) > before);
  expect(followed.replica.names()).toEqual(["a", "b"]);
  expect(followed.replica.known).toBe(true);
  expect(followed.reflector.state().error).toBeDefined();
  repair();
  await until("the way back", () => followed.reflector.state().phase === "watching");
  expect(followed.reflector.state().error).toBeUndefined();
});

describe("lists of other kinds that are never answered", () => {
  /** Keeps a gate busy by one kind more than may list at once, as long as the fault lasts. */
  async function besideSilence(): Promise<{ followed: Followed; create: Leases["create"] }> {
    const { path, create } = await setUp();
    const lists = createGate(2);
    const silent = ["configmaps", "secrets", "endpoints"];
    for (const kind of silent) {
      proxy.inject({ type: "silence" }, { request: "list", path: `/default/${kind}` });
      follow(proxy, { path: `/api/v1/namespaces/default/${kind}`, token, lists });
    }
    await until("the lists of the others", () => count("list") >= 2);
    const followed = follow(proxy, { path, token, lists });
    await until("the first list", () => listed(followed) === 1);
    expect(count("watch")).toBe(0);
    return { followed, create };
  }

  test("hold back the first watch for a moment, and not for ever", async () => {
    const { followed, create } = await besideSilence();
    await watching();
    await create("a");
    await holds(followed, "a");
  });

  test("do not keep a reflector from ending", async () => {
    const { followed } = await besideSilence();
    await followed.stop();
    expect(count("watch")).toBe(0);
  });
});
