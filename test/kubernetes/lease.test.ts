import { expect, test } from "vitest";
import type { Leading } from "#src/kubernetes/lease.ts";
import { LeaseWorld, untilAborted, type Fate } from "../support/lease-world.ts";

const types = (candidate: { readonly events: readonly { readonly type: string }[] }): string[] =>
  candidate.events.map(({ type }) => type);

test("the first leads, the second follows, and takes over as soon as the lease is given back", async () => {
  const world = new LeaseWorld();
  const a = world.join({ identity: "a" });
  await world.run(100);
  const b = world.join({ identity: "b" });
  await world.run(60_000);
  expect(world.holders()).toEqual(["a"]);
  expect(b.election.state()).toEqual({ phase: "following", holder: "a" });
  a.stop();
  await world.run(60_010);
  expect(world.lease?.spec?.holderIdentity).toBe("");
  await world.run(63_000);
  expect(world.holders()).toEqual(["b"]);
  expect([types(a), types(b)]).toEqual([
    ["leading", "released"],
    ["following", "leading"],
  ]);
  await a.election.done;
});

test("the lease is given back only when the work has ended", async () => {
  const world = new LeaseWorld();
  let end: () => void = () => undefined;
  const work = (): Promise<void> => new Promise((resolve) => (end = resolve));
  const a = world.join({ identity: "a", work });
  await world.run(1_000);
  a.stop();
  await world.run(1_500);
  expect(a.holds()).toBe(false);
  expect(world.lease?.spec?.holderIdentity).toBe("a");
  end();
  await world.run(1_600);
  expect(world.lease?.spec?.holderIdentity).toBe("");
});

test("work that does not end keeps the lease until it is over, and the process no longer", async () => {
  const world = new LeaseWorld();
  const a = world.join({ identity: "a", work: () => new Promise(() => undefined) });
  await world.run(1_000);
  a.stop();
  await world.run(12_000);
  await a.election.done;
  expect(world.lease?.spec?.holderIdentity).toBe("a");
});

test("one whose requests are lost stops writing before another takes over, and leads again later", async () => {
  const world = new LeaseWorld();
  let lose = false;
  const fate = (): Fate => (lose ? { there: undefined, back: undefined } : { there: 1, back: 1 });
  const a = world.join({ identity: "a", fate });
  await world.run(100);
  const b = world.join({ identity: "b" });
  await world.run(30_000);
  lose = true;
  const seen: string[] = [];
  await world.run(60_000, () => {
    const now = world.holders().join();
    if (seen.at(-1) !== now) seen.push(now);
  });
  expect(seen).toEqual(["a", "", "b"]);
  expect(a.election.state().phase).toBe("failing");
  expect(a.election.state().error).toContain("did not answer");
  lose = false;
  await world.run(80_000);
  expect(a.election.state()).toEqual({ phase: "following", holder: "b" });
  b.stop();
  await world.run(90_000);
  expect(world.holders()).toEqual(["a"]);
  expect(types(a)).toEqual(["leading", "failed", "lost", "following", "leading"]);
});

test("a renewal that was carried out and not answered is no loss", async () => {
  const world = new LeaseWorld();
  let requests = 0;
  const fate = (): Fate => {
    requests += 1;
    return { there: 1, back: requests % 3 === 0 ? undefined : 1 };
  };
  const a = world.join({ identity: "a", fate });
  await world.run(300_000);
  expect(types(a).filter((type) => type === "lost")).toEqual([]);
  expect(world.holders()).toEqual(["a"]);
});

test("the holder's time begins when it sent its request, not when the answer came", async () => {
  const world = new LeaseWorld();
  const left: number[] = [];
  const work = async (leading: Leading): Promise<void> => {
    left.push(leading.remaining());
    await untilAborted(leading);
  };
  world.join({ identity: "a", work, fate: () => ({ there: 1, back: 1_999 }) });
  await world.run(10_000);
  expect(left).toEqual([8_000]);
});

test("a process that was paused writes nothing when it wakes up", async () => {
  const world = new LeaseWorld();
  const left: number[] = [];
  const work = async (leading: Leading): Promise<void> => {
    // The work's own timer comes before the signal's.
    world.at(40_000, () => left.push(leading.remaining()));
    await untilAborted(leading);
  };
  const a = world.join({ identity: "a", pauses: [[20_000, 40_000]], work });
  await world.run(100);
  world.join({ identity: "b" });
  await world.run(39_999);
  expect(world.holders()).toEqual(["b"]);
  await world.run(45_000);
  expect(left).toEqual([0]);
  expect(a.election.state()).toMatchObject({ phase: "following", holder: "b" });
});

test("a lease that another has taken by hand is given up at once", async () => {
  const world = new LeaseWorld();
  const a = world.join({ identity: "a" });
  await world.run(1_000);
  world.lease = {
    apiVersion: "v1",
    kind: "Lease",
    metadata: { resourceVersion: "by hand" },
    spec: { holderIdentity: "x", leaseDurationSeconds: 15 },
  };
  await world.run(6_000);
  expect(a.holds()).toBe(false);
  await world.run(25_000);
  expect(a.holds()).toBe(true);
});

test("a lease that was deleted is made again by its holder, without a moment of none", async () => {
  const world = new LeaseWorld();
  const a = world.join({ identity: "a" });
  await world.run(100);
  const b = world.join({ identity: "b" });
  await world.run(10_000);
  world.lease = undefined;
  await world.run(20_000, () => expect(world.holders()).toEqual(["a"]));
  expect(types(a)).not.toContain("lost");
  expect(b.election.state().holder).toBe("a");
});

test("one that may not use leases says so once, never leads, and does when it may", async () => {
  const world = new LeaseWorld();
  world.refusal = 403;
  const a = world.join({ identity: "a" });
  await world.run(200_000);
  expect(types(a)).toEqual(["failed", "forbidden"]);
  expect(a.election.state()).toMatchObject({ phase: "forbidden", error: "refused with 403" });
  world.refusal = undefined;
  await world.run(260_000);
  expect(world.holders()).toEqual(["a"]);
  world.refusal = 403;
  await world.run(360_000);
  expect(world.holders()).toEqual([]);
  expect(a.election.state().phase).toBe("forbidden");
});

test("work that fails is told, the lease given back and taken again", async () => {
  const world = new LeaseWorld();
  let runs = 0;
  const work = async (leading: Leading): Promise<void> => {
    runs += 1;
    if (runs === 1) throw new Error("a fault of ours");
    await untilAborted(leading);
  };
  const a = world.join({ identity: "a", work });
  await world.run(10_000);
  expect(types(a)).toEqual(["leading", "workFailed", "released", "leading"]);
  expect(world.holders()).toEqual(["a"]);
});
