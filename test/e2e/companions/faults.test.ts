import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { until } from "../../control-plane/wait.ts";
import { uniqueName } from "../support.ts";
import {
  createNamespaces,
  expectNoEqualWrites,
  leaseSeconds,
  policyNames,
  requestsOf,
  startReplica,
  untilAllHold,
  untilLeads,
  type Replica,
} from "./replicas.ts";
import { intentAnnotation } from "./support.ts";

// A control plane of its own: its API server is restarted, and no other Ringfence stands for the lease.
let plane: ControlPlane;

// Starts of processes, and times of leases.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(async () => {
  await plane.stop();
});

const many = 120;
const closed = { denyAll: true, allowEgressToNamespaces: ["sys-postgres"] };
const closedNames = ["ringfence-allow-dns", "ringfence-allow-egress-to-namespaces", "ringfence-default-deny"];
const open = { denyAll: true };
const openNames = ["ringfence-allow-dns", "ringfence-default-deny"];

const all = (names: readonly string[], policies: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  new Map(names.map((name) => [name, policies]));

/** The configuration that all replicas of a test follow. */
async function sharedConfiguration(): Promise<string> {
  const file = join(plane.address.directory, `${uniqueName("config")}.yaml`);
  await writeFile(file, defaultConfiguration);
  return file;
}

/** Gives all namespaces of the test the same intent by default, at one moment. */
async function declareForAll(configFile: string, names: readonly string[]): Promise<void> {
  const matchExpressions = [{ key: "kubernetes.io/metadata.name", operator: "In", values: names }];
  const defaults = [{ namespaces: { matchExpressions }, intent: closed }];
  await writeFile(`${configFile}.next`, `${defaultConfiguration}${stringify({ intents: { defaults } })}`);
  await rename(`${configFile}.next`, configFile);
}

/** Some of the companions of these namespaces stand. */
async function untilSomeHold(names: readonly string[]): Promise<void> {
  const [first = ""] = names;
  const path = "/apis/networking.k8s.io/v1/networkpolicies";
  await until(
    `companions, of ${first} or another`,
    async () => {
      const { items } = (await plane.api.admin.expect("GET", `${path}?limit=100`)) as {
        items: readonly Listed[];
      };
      return items.filter(({ metadata }) => names.includes(metadata.namespace)).length >= 20;
    },
    { intervalMs: 2 },
  );
}

interface Listed {
  readonly metadata: { readonly namespace: string };
}

/** The fault came while there was something left to do. */
async function expectHalfDone(names: readonly string[]): Promise<void> {
  const found = await policyNames(plane);
  const done = names.filter((name) => found.get(name)?.length === closedNames.length).length;
  expect(done, "namespaces that were done before the fault").toBeLessThan(names.length);
}

/** The one that leads, and the one that stands by. */
async function startTwo(configFile: string): Promise<readonly [leader: Replica, other: Replica]> {
  const leader = await startReplica(plane, configFile);
  await untilLeads(leader);
  const other = await startReplica(plane, configFile);
  await other.ringfence.awaitLog("that it follows", ({ msg }) => msg === "another replica leads");
  return [leader, other];
}

/** Requests of the API server that one leader has under way at once. */
const underWay = 8;

/** Each companion of these namespaces was written once, by whichever replica. */
async function expectOneWriteEach(names: readonly string[]): Promise<void> {
  const writes = await expectNoEqualWrites(plane);
  const here = new Set(names);
  const written = writes
    .filter(({ objectRef }) => here.has(objectRef?.namespace ?? ""))
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.namespace ?? ""}/${objectRef?.name ?? ""}`);
  const wanted = names.flatMap((name) => closedNames.map((policy) => `create ${name}/${policy}`));
  expect(
    written.filter((write, index) => written.indexOf(write) !== index || !wanted.includes(write)),
  ).toEqual([]);
  // The API server notes no success of a write whose answer nobody waited for any more.
  expect(written.length).toBeGreaterThanOrEqual(wanted.length - underWay);
}

test("killed while it makes companions for many namespaces, and started again, it makes the rest", async () => {
  const configFile = await sharedConfiguration();
  const names = await createNamespaces(plane, many);
  const replica = await startReplica(plane, configFile);
  await untilLeads(replica);
  await declareForAll(configFile, names);
  await untilSomeHold(names);
  await replica.ringfence.halt("SIGKILL");
  await expectHalfDone(names);
  await replica.ringfence.start();
  await untilAllHold(plane, all(names, closedNames));
  await expectOneWriteEach(names);
});

test("R79: when the leader is killed, the other takes over within the lease's time and makes the rest", async () => {
  const configFile = await sharedConfiguration();
  const names = await createNamespaces(plane, many);
  const [leader, other] = await startTwo(configFile);
  await declareForAll(configFile, names);
  await untilSomeHold(names);
  await leader.ringfence.halt("SIGKILL");
  await expectHalfDone(names);
  // The lease's time, and an attempt.
  await untilLeads(other, (leaseSeconds + 2) * 1_000);
  await untilAllHold(plane, all(names, closedNames));
  await expectOneWriteEach(names);
});

test("R79: a leader that is told to end gives the lease back, and the other goes on at once", async () => {
  const configFile = await sharedConfiguration();
  const names = await createNamespaces(plane, many);
  const [leader, other] = await startTwo(configFile);
  await declareForAll(configFile, names);
  await untilSomeHold(names);
  await leader.ringfence.halt("SIGTERM");
  await leader.ringfence.awaitLog("the release", ({ msg }) => msg === "the lease is given back");
  await untilLeads(other);
  await untilAllHold(plane, all(names, closedNames));
  await expectOneWriteEach(names);
});

test("R79: a leader that is paused, and wakes up when another leads, writes nothing", async () => {
  const configFile = await sharedConfiguration();
  const names = await createNamespaces(plane, many);
  const [leader, other] = await startTwo(configFile);
  await declareForAll(configFile, names);
  await untilSomeHold(names);
  leader.freeze();
  await expectHalfDone(names);
  await untilLeads(other);
  await untilAllHold(plane, all(names, closedNames));
  // So that there is something to repair, by who believes that it leads.
  const [first = ""] = names;
  await plane.kubectl(["-n", first, "delete", "networkpolicy", "ringfence-default-deny"]);
  await untilAllHold(plane, all([first], closedNames));
  const woken = new Date();
  leader.thaw();
  await leader.ringfence.awaitLog("that it follows", ({ msg }) => msg === "another replica leads");
  await plane.kubectl(["-n", first, "delete", "networkpolicy", "ringfence-default-deny"]);
  await untilAllHold(plane, all([first], closedNames));
  expect(await requestsOf(plane, leader, woken)).toEqual([]);
  expect(await other.leads()).toBe(true);
  await expectNoEqualWrites(plane);
});

test("R30: the API server is restarted under changing namespaces, and each holds what its intent needs", async () => {
  await startTwo(await sharedConfiguration());
  const names = await createNamespaces(plane, 50, closed);
  const wanted = new Map<string, readonly string[]>(all(names, closedNames));
  const declare = async (namespaces: readonly string[], intent: object): Promise<boolean> => {
    const said = `${intentAnnotation}=${stringify(intent)}`;
    const { code } = await plane.kubectl(["annotate", "namespace", ...namespaces, said, "--overwrite"]);
    return code === 0;
  };
  const stopping = new AbortController();
  let refused = 0;
  const change = async (): Promise<void> => {
    for (let round = 0; !stopping.signal.aborted; round += 1) {
      const [intent, policies] = round % 2 === 0 ? [open, openNames] : [closed, closedNames];
      for (const name of names.filter(() => !stopping.signal.aborted)) {
        if (await declare([name], intent)) wanted.set(name, policies);
        else refused += 1;
      }
    }
  };
  const changes = change();
  await until("the first change", () => [...wanted.values()].includes(openNames));
  await plane.restartApiServer();
  const before = (await expectNoEqualWrites(plane)).length;
  await until("writes after the restart", async () => (await expectNoEqualWrites(plane)).length > before);
  stopping.abort();
  await changes;
  expect(refused).toBeGreaterThan(0);
  // Of a change whose answer was lost nobody knows whether it was made.
  const last = names.slice(0, 25);
  expect(await declare(last, open)).toBe(true);
  expect(await declare(names.slice(25), closed)).toBe(true);
  for (const name of names) wanted.set(name, last.includes(name) ? openNames : closedNames);
  await untilAllHold(plane, wanted);
  await expectNoEqualWrites(plane);
});

test("R83: a replica that may not use the lease says so, serves, and writes no companions", async () => {
  const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/ringfence-system/rolebindings";
  const binding = (await plane.api.admin.expect("GET", `${bindings}/ringfence-lead`)) as object;
  await plane.api.admin.expect("DELETE", `${bindings}/ringfence-lead`);
  const replica = await startReplica(plane, await sharedConfiguration());
  const [name = ""] = await createNamespaces(plane, 1, open);
  const line = await replica.ringfence.awaitLog("what is missing", ({ level }) => level === 50);
  expect(line.msg).toContain("let Ringfence's account get, create and update leases.coordination.k8s.io");
  const { status, text } = await replica.ringfence.readiness();
  expect(status).toBe(200);
  expect(text).toContain("companions' lease: lease ringfence-system/ringfence may not be used");
  expect((await policyNames(plane)).has(name)).toBe(false);
  const { kind, apiVersion, roleRef, subjects } = binding as Readonly<Record<string, unknown>>;
  const metadata = { name: "ringfence-lead" };
  await plane.api.admin.expect("POST", bindings, {
    body: { kind, apiVersion, metadata, roleRef, subjects },
  });
  await untilAllHold(plane, all([name], openNames));
});
