import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { until } from "../../control-plane/wait.ts";
import { uniqueName } from "../support.ts";
import {
  createNamespaces,
  expectNoEqualWrites,
  policyNames,
  requestsOf,
  slowWay,
  startReplica,
  untilAllHold,
  untilLeads,
  type Replica,
} from "./replicas.ts";
import { intentAnnotation } from "./support.ts";
import { expectTakenAtOnce, expectTakenWhenOver, writeLeaseAuditPolicy } from "./takeover.ts";

// A control plane of its own: its API server is restarted, and no other Ringfence stands for the lease.
let plane: ControlPlane;
let auditPolicy: string;

const lease = "/apis/coordination.k8s.io/v1/namespaces/ringfence-system/leases/ringfence";

// Starts of processes, and times of leases.
vi.setConfig({ testTimeout: 300_000 });

beforeAll(async () => {
  auditPolicy = await writeLeaseAuditPolicy();
  plane = await startControlPlane({ apiServerArgs: [`--audit-policy-file=${auditPolicy}`] });
}, 120_000);
afterAll(async () => {
  await plane.stop();
  await rm(dirname(auditPolicy), { recursive: true });
});
beforeEach(async () => {
  // Replicas of the test before were killed while they had it.
  await plane.api.admin.send("DELETE", lease);
});

const many = 60;
const closed = { denyAll: true, allowEgressToNamespaces: ["sys-postgres"] };
const closedNames = ["ringfence-allow-dns", "ringfence-allow-egress-to-namespaces", "ringfence-default-deny"];
const open = { denyAll: true };
const openNames = ["ringfence-allow-dns", "ringfence-default-deny"];

const all = (names: readonly string[], policies: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  new Map(names.map((name) => [name, policies]));

/** Namespaces whose companions are due by default: those of the tests before as well, or they would be removed. */
const declared: string[] = [];

/** The configuration that all replicas of a test follow. */
function configuration(): string {
  const matchExpressions = [{ key: "kubernetes.io/metadata.name", operator: "In", values: declared }];
  const defaults = declared.length === 0 ? [] : [{ namespaces: { matchExpressions }, intent: closed }];
  return `${defaultConfiguration}${stringify({ intents: { defaults } })}`;
}

async function sharedConfiguration(): Promise<string> {
  const file = join(plane.address.directory, `${uniqueName("config")}.yaml`);
  await writeFile(file, configuration());
  return file;
}

/** Many namespaces, a configuration that says nothing of them yet, and a replica that leads and has a slow way to write. */
async function startSlowLeader(): Promise<{
  readonly configFile: string;
  readonly names: readonly string[];
  readonly leader: Replica;
}> {
  const configFile = await sharedConfiguration();
  const prefix = uniqueName("many");
  const names = await createNamespaces(plane, { prefix, count: many });
  const leader = await startReplica(plane, configFile, await slowWay(plane, prefix));
  await untilLeads(leader);
  return { configFile, names, leader };
}

/** One that stands by. */
async function startOther(configFile: string): Promise<Replica> {
  const other = await startReplica(plane, configFile);
  await other.ringfence.awaitLog("that it follows", ({ msg }) => msg === "another replica leads");
  return other;
}

/** Gives all these namespaces the same intent by default, at one moment; returns when the leader has begun with them. */
async function declareForAll(configFile: string, names: readonly string[], leader: Replica): Promise<void> {
  const before = await leader.written();
  declared.push(...names);
  await writeFile(`${configFile}.next`, configuration());
  await rename(`${configFile}.next`, configFile);
  await until("some companions", async () => (await leader.written()) >= before + 20);
}

/** The fault came while there was something left to do. */
async function expectHalfDone(names: readonly string[]): Promise<void> {
  const found = await policyNames(plane);
  const done = names.filter((name) => found.get(name)?.length === closedNames.length).length;
  expect(done, "namespaces that were done before the fault").toBeLessThan(names.length);
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
  const { configFile, names, leader } = await startSlowLeader();
  await declareForAll(configFile, names, leader);
  await leader.ringfence.halt("SIGKILL");
  await expectHalfDone(names);
  await leader.ringfence.start();
  await untilAllHold(plane, all(names, closedNames), 120_000);
  await expectOneWriteEach(names);
});

test("R79: when the leader is killed, the other takes over when the lease's time is over and makes the rest", async () => {
  const { configFile, names, leader } = await startSlowLeader();
  const other = await startOther(configFile);
  await declareForAll(configFile, names, leader);
  await leader.ringfence.halt("SIGKILL");
  await expectHalfDone(names);
  await untilLeads(other);
  await expectTakenWhenOver(plane, leader, other);
  await untilAllHold(plane, all(names, closedNames));
  await expectOneWriteEach(names);
});

test("R79: a leader that is told to end gives the lease back, and the other goes on at once", async () => {
  const { configFile, names, leader } = await startSlowLeader();
  const other = await startOther(configFile);
  await declareForAll(configFile, names, leader);
  await leader.ringfence.halt("SIGTERM");
  await leader.ringfence.awaitLog("the release", ({ msg }) => msg === "the lease is given back");
  await expectHalfDone(names);
  await untilLeads(other);
  await expectTakenAtOnce(plane, leader, other);
  await untilAllHold(plane, all(names, closedNames));
  await expectOneWriteEach(names);
});

test("R79: a leader that is paused, and wakes up when another leads, writes nothing", async () => {
  const { configFile, names, leader } = await startSlowLeader();
  const other = await startOther(configFile);
  await declareForAll(configFile, names, leader);
  leader.freeze();
  await expectHalfDone(names);
  await untilLeads(other);
  await expectTakenWhenOver(plane, leader, other);
  await untilAllHold(plane, all(names, closedNames));
  // So that there is something to repair, by who believes that it leads.
  const [first = ""] = names;
  await plane.kubectl(["-n", first, "delete", "networkpolicy", "ringfence-default-deny"]);
  await untilAllHold(plane, all([first], closedNames));
  const woken = Date.now();
  leader.thaw();
  await leader.ringfence.awaitLog("that it follows", ({ msg }) => msg === "another replica leads");
  await plane.kubectl(["-n", first, "delete", "networkpolicy", "ringfence-default-deny"]);
  await untilAllHold(plane, all([first], closedNames));
  expect(await requestsOf(plane, leader, { after: woken })).toEqual([]);
  expect(await other.leads()).toBe(true);
  await expectNoEqualWrites(plane);
});

test("R78: the API server is restarted under changing namespaces, and each holds what its intent needs", async () => {
  const configFile = await sharedConfiguration();
  await untilLeads(await startReplica(plane, configFile));
  await startOther(configFile);
  const names = await createNamespaces(plane, { prefix: uniqueName("changing"), count: 50, intent: closed });
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
  await untilAllHold(plane, wanted, 120_000);
  await expectNoEqualWrites(plane);
});

test("R83: a replica that may not use the lease says so, serves, and writes no companions", async () => {
  const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/ringfence-system/rolebindings";
  const binding = (await plane.api.admin.expect("GET", `${bindings}/ringfence-lead`)) as object;
  await plane.api.admin.expect("DELETE", `${bindings}/ringfence-lead`);
  await until(
    "the right to be gone",
    async () => (await plane.api.ringfence.send("GET", lease)).status === 403,
  );
  const replica = await startReplica(plane, await sharedConfiguration());
  const [name = ""] = await createNamespaces(plane, { prefix: uniqueName("one"), count: 1, intent: open });
  const line = await replica.ringfence.awaitLog("what is missing", ({ level }) => level === "error");
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
