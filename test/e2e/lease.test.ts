import { afterEach, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { createClient } from "#src/kubernetes/client.ts";
import { systemClock } from "#src/kubernetes/clock.ts";
import type { Connection } from "#src/kubernetes/connection.ts";
import { leaderWriter, NotLeading } from "#src/kubernetes/leader-writer.ts";
import { leaseStore } from "#src/kubernetes/lease-store.ts";
import { standForLease, type Election, type ElectionEvent, type Leading } from "#src/kubernetes/lease.ts";
import { createWriter } from "#src/kubernetes/writer.ts";
import type { Lease } from "#src/wire/lease.ts";
import { connect } from "../control-plane/connection.ts";
import { until } from "../control-plane/wait.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { untilAborted } from "../support/lease-world.ts";
import { leases, type Leases } from "../support/leases.ts";
import { uniqueName } from "./support.ts";

const address = inject("controlPlane");
const { api } = connect(address);
/** A fifth of the real ones; whole seconds, as the Lease has it. */
const timing = { duration: 3_000, hold: 2_000, retry: 300, forbidden: 500 };
let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await startFaultProxy(address);
});
afterEach(() => proxy.stop());

interface Candidate {
  readonly identity: string;
  readonly election: Election;
  readonly events: ElectionEvent[];
  /** Of the last time that it led. */
  readonly leading: () => Leading | undefined;
  readonly stop: () => Promise<void>;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

const placeIn = ({ path }: Leases): Place => ({ namespace: path.split("/").at(-2) ?? "", name: "ringfence" });

function connectionTo(
  { server, authorityPem }: { server: string; authorityPem: string },
  token: string,
): Connection {
  const credentials = { headers: { authorization: `Bearer ${token}` }, options: { ca: authorityPem } };
  return { server: new URL(server), credentials: () => Promise.resolve(credentials) };
}

function stand(
  place: Place,
  through: { server: string; authorityPem: string } = address,
  token = address.tokens.admin,
): Candidate {
  const connection = connectionTo(through, token);
  const client = createClient(connection, { answerTimeout: 5_000 });
  const writer = createWriter(connection, { answerTimeout: 5_000 });
  const identity = uniqueName("candidate");
  const events: ElectionEvent[] = [];
  const stopping = new AbortController();
  let last: Leading | undefined;
  const election = standForLease(
    {
      store: leaseStore(client, writer, place),
      identity,
      clock: systemClock,
      date: () => new Date(),
      random: Math.random,
      observer: (event) => events.push(event),
      timing,
    },
    (leading) => untilAborted((last = leading)),
    stopping.signal,
  );
  const stop = async (): Promise<void> => {
    stopping.abort(new Error("stopped"));
    await election.done;
    client.close();
    writer.close();
  };
  onTestFinished(stop);
  return { identity, election, events, leading: () => last, stop };
}

const leads = (candidate: Candidate): Promise<unknown> =>
  until(`${candidate.identity} to lead`, () => candidate.election.state().phase === "leading");
const follows = (candidate: Candidate): Promise<unknown> =>
  until(`${candidate.identity} to follow`, () => candidate.election.state().phase === "following");
const stored = async ({ path }: Leases): Promise<Lease> =>
  (await api.admin.expect("GET", `${path}/ringfence`)) as Lease;

test("one of two leads; the lease says who; given back, the other takes it at once", async () => {
  const there = await leases(api.admin);
  const a = stand(placeIn(there));
  await leads(a);
  const b = stand(placeIn(there));
  await follows(b);
  expect((await stored(there)).spec).toMatchObject({
    holderIdentity: a.identity,
    leaseDurationSeconds: 3,
    leaseTransitions: 0,
  });
  await a.stop();
  expect((await stored(there)).spec?.holderIdentity).not.toBe(a.identity);
  await leads(b);
  // It was given back and had not to expire.
  expect(a.events.map(({ type }) => type)).toEqual(["leading", "released"]);
  expect((await stored(there)).spec).toMatchObject({ holderIdentity: b.identity, leaseTransitions: 1 });
});

test("a holder whose connections hang stops before the other leads, and follows when they are back", async () => {
  const there = await leases(api.admin);
  const a = stand(placeIn(there), proxy);
  await leads(a);
  const b = stand(placeIn(there));
  await follows(b);
  const heal = proxy.inject({ type: "silence" });
  const signal = a.leading()?.signal;
  await until("a to stop", () => signal?.aborted);
  expect(b.election.state().phase).toBe("following");
  await leads(b);
  heal();
  proxy.cut();
  await follows(a);
});

test("connections that are cut and answers of 5xx and 429 cost a holder nothing while it can still renew", async () => {
  const there = await leases(api.admin);
  const a = stand(placeIn(there), proxy);
  await leads(a);
  const before = (await stored(there)).spec?.renewTime;
  proxy.cut();
  proxy.inject({ type: "answer", status: 503 }, { times: 1 });
  proxy.inject({ type: "answer", status: 429, retryAfterSeconds: 1 }, { times: 1 });
  await until("a renewal", async () => (await stored(there)).spec?.renewTime !== before);
  // What was done, and not answered.
  proxy.inject({ type: "truncate" }, { times: 1 });
  const seen = proxy.requests.length;
  await until("further renewals", () => proxy.requests.length > seen + 4);
  expect(a.events.map(({ type }) => type)).not.toContain("lost");
  expect((await stored(there)).spec).toMatchObject({ holderIdentity: a.identity, leaseTransitions: 0 });
});

test("a lease that is deleted is made again by its holder", async () => {
  const there = await leases(api.admin);
  const a = stand(placeIn(there));
  await leads(a);
  const b = stand(placeIn(there));
  await follows(b);
  await there.remove("ringfence");
  await until("the lease", async () => (await stored(there)).spec?.holderIdentity === a.identity);
  expect(b.election.state().phase).toBe("following");
  expect(a.events.map(({ type }) => type)).not.toContain("lost");
});

test("one without the right never leads and says what the API server said", async () => {
  const there = await leases(api.admin);
  const a = stand(placeIn(there), address, address.tokens.ringfence);
  await until("to be refused", () => a.election.state().phase === "forbidden");
  expect(a.election.state().error).toContain('cannot get resource "leases"');
});

test("Ringfence's own account may lead in its own namespace, and use no other lease", async () => {
  const a = stand({ namespace: "ringfence-system", name: "ringfence" }, address, address.tokens.ringfence);
  // The Ringfence of this run may hold it.
  await until("to be told", () => ["leading", "following"].includes(a.election.state().phase));
  const b = stand({ namespace: "ringfence-system", name: "another" }, address, address.tokens.ringfence);
  await until("to be refused", () => b.election.state().phase === "forbidden");
});

test("what the leader writes leaves while it leads, ends with it, and is not sent afterwards", async () => {
  const there = await leases(api.admin);
  const a = stand(placeIn(there), proxy);
  await leads(a);
  const leading = a.leading();
  if (leading === undefined) throw new Error("nobody leads");
  const inner = createWriter(connectionTo(proxy, address.tokens.admin), { answerTimeout: 5_000 });
  onTestFinished(() => inner.close());
  const writer = leaderWriter(inner, leading);
  const write = (name: string): Promise<unknown> =>
    writer.send(
      { method: "POST", path: there.path, body: { metadata: { name } } },
      new AbortController().signal,
    );
  await write("first");
  expect(proxy.requests.findLast(({ method }) => method === "POST")?.query.get("timeout")).toMatch(/^\d+ms$/);
  proxy.inject({ type: "silence" });
  const hanging = write("second");
  await expect(hanging).rejects.toThrow("the lease is lost");
  const sent = proxy.requests.filter(({ path }) => path === there.path).length;
  await expect(write("third")).rejects.toBeInstanceOf(NotLeading);
  expect(proxy.requests.filter(({ path }) => path === there.path)).toHaveLength(sent);
});
