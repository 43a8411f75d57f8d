import { test as property } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { specDigest } from "#src/intent/spec-digest.ts";
import { nothingDue } from "#src/view/due-companions.ts";
import { allow, allowDns, defaultDeny, due } from "./due.ts";
import { settled, World } from "./world.ts";

const closed = due(allowDns, defaultDeny, allow("allow-a"));
const names = ["ringfence-allow-a", "ringfence-allow-dns", "ringfence-default-deny"];

/** Runs the controller for as long as `during` lasts. */
async function running(world: World, during: () => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const done = world.controller.run(stopping.signal);
  await settled();
  try {
    await during();
  } finally {
    stopping.abort();
    await done;
  }
}

const steps = ({ writes }: World): string[] => writes.map(({ verb, name }) => `${verb} ${name}`);
const standsAsDue = (world: World, namespace: string, wanted = closed): void => {
  expect(world.names(namespace)).toEqual(wanted.pieces.map(({ purpose }) => `ringfence-${purpose}`).sort());
  for (const { purpose, spec } of wanted.pieces) {
    const stored = world.stored.get(`${namespace}/ringfence-${purpose}`);
    expect(specDigest(stored?.spec)).toBe(specDigest(spec));
  }
};

describe("the controller", () => {
  test("writes what is due once each, DNS first, however long the view takes to hear of it", async () => {
    const world = new World();
    world.namespace("shop", closed);
    await running(world, async () => {
      world.controller.changedEverywhere();
      await world.clock.pass(2_000);
      for (let again = 0; again < 5; again += 1) {
        world.controller.changed("shop");
        world.hear(again === 2 ? 1 : 0);
        await settled();
      }
      await world.live(20_000);
      expect(steps(world)).toEqual([
        "create ringfence-allow-dns",
        "create ringfence-default-deny",
        "create ringfence-allow-a",
      ]);
      expect(world.controller.counts()).toMatchObject({ synced: 3, pending: 0, failing: 0, contested: 0 });
      const before = world.writes.length;
      await world.live(2_000_000, 10_000);
      expect(world.writes.length).toBe(before);
    });
    expect(world.controller.counts()).toMatchObject({ synced: 0 });
  });

  test("asks the API server about a write that the view never hears of", async () => {
    const world = new World();
    world.namespace("shop", due(allowDns));
    await running(world, async () => {
      await world.clock.pass(100);
      // Created, and deleted by somebody else, while the view listed anew: it never heard of either.
      world.stored.clear();
      await world.clock.pass(16_000);
      expect(steps(world)).toEqual(["create ringfence-allow-dns", "create ringfence-allow-dns"]);
    });
  });

  test("R36: replaces what an apply leaves, because somebody else brought it", async () => {
    const world = new World();
    world.namespace("shop", closed);
    await running(world, async () => {
      await world.live(500);
      world.stubborn = { ingress: [{}] };
      world.put("shop", "ringfence-default-deny", { spec: { ...defaultDeny.spec, ingress: [{}] } });
      // Something that the apply does change.
      world.put("shop", "ringfence-default-deny", {
        spec: { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"], ingress: [{}] },
      });
      await world.live(500);
      expect(steps(world).slice(3)).toEqual([
        "apply ringfence-default-deny",
        "replace ringfence-default-deny",
      ]);
      standsAsDue(world, "shop");
    });
  });

  test("R37: never writes over a policy that came under the name meanwhile", async () => {
    const world = new World();
    world.namespace("shop", due(allowDns));
    world.put("shop", "ringfence-allow-dns", {});
    const foreign = world.stored.get("shop/ringfence-allow-dns");
    await running(world, async () => {
      // The view has not heard of it.
      await world.clock.pass(500);
      expect(world.stored.get("shop/ringfence-allow-dns")).toBe(foreign);
      await world.live(3_000);
      expect(world.stored.get("shop/ringfence-allow-dns")).toBe(foreign);
      expect(world.names("shop")).toHaveLength(2);
      expect(world.reports.map(({ reason }) => reason)).toContain("CompanionNameTaken");
      expect(world.controller.counts()).toMatchObject({ synced: 1, foreign: 1 });
    });
  });

  test("R26: makes nothing in a namespace that ends, and takes its end for no error", async () => {
    const world = new World();
    world.namespace("going", closed, { terminating: true });
    world.namespace("gone", closed);
    world.refusals.set("gone", { result: "ended" });
    await running(world, async () => {
      await world.live(10_000);
      expect([world.writes, world.errors]).toEqual([[], []]);
      expect(world.reports).toEqual([]);
    });
  });

  test("R80: goes on with the others where one throws or is refused, and comes back to it", async () => {
    const world = new World();
    for (const name of ["broken", "refused", "shop"]) world.namespace(name, closed);
    world.refusals.set("broken", new Error("no connection"));
    world.refusals.set("refused", { result: "refused", text: "403: no", retryAfter: 0 });
    await running(world, async () => {
      await world.live(5_000);
      standsAsDue(world, "shop");
      expect(world.errors.length).toBeGreaterThan(1);
      expect(world.controller.counts()).toMatchObject({ synced: 3, failing: 1, pending: 2 });
      // The DNS could not be opened: nothing was closed.
      expect(world.names("refused")).toEqual([]);
      world.refusals.clear();
      await world.live(60_000);
      for (const name of ["broken", "refused"]) standsAsDue(world, name);
    });
  });

  test("slows down against another writer, says so, and comes to rest when that one does", async () => {
    const world = new World();
    world.namespace("shop", closed);
    await running(world, async () => {
      await world.live(500);
      for (let second = 0; second < 60; second += 1) {
        world.put("shop", "ringfence-default-deny", { spec: { podSelector: {}, ingress: [{}] } });
        await world.live(1_000);
      }
      const repairs = world.writes.length - 3;
      expect(repairs).toBeGreaterThanOrEqual(6);
      expect(repairs).toBeLessThanOrEqual(12);
      expect(world.controller.counts()).toMatchObject({ contested: 1, synced: 2 });
      expect(world.reports.map(({ reason }) => reason)).toContain("CompanionContested");
      // The others of the namespace are repaired without delay.
      world.delete("shop", "ringfence-allow-a");
      await world.live(200);
      expect(world.names("shop")).toEqual(names);
      await world.live(200_000, 500);
      standsAsDue(world, "shop");
      expect(world.controller.counts()).toMatchObject({ contested: 0, synced: 3 });
    });
  });

  test("removes in the opposite order, and nothing while something that is due cannot be written", async () => {
    const world = new World();
    world.namespace("shop", closed);
    await running(world, async () => {
      await world.live(500);
      world.declare("shop", nothingDue);
      await world.live(500);
      expect(steps(world).slice(3)).toEqual([
        "remove ringfence-allow-a",
        "remove ringfence-default-deny",
        "remove ringfence-allow-dns",
      ]);
    });
  });

  test("leaves a namespace that came again under its name nothing of the old one's, and writes over none of its own", async () => {
    const world = new World();
    world.namespace("shop", closed);
    await running(world, async () => {
      await world.clock.pass(200);
      for (const name of names) world.delete("shop", name);
      world.namespace("shop", due(allowDns));
      await world.live(20_000);
      standsAsDue(world, "shop", due(allowDns));
      expect(world.writes.filter(({ changed }) => !changed)).toEqual([]);
    });
  });
});

const intents = [
  nothingDue,
  due(allowDns, defaultDeny),
  closed,
  due(allowDns, allow("allow-a", "198.51.100.0/24")),
];
const happening = fc.oneof(
  fc.record({ what: fc.constant("declare" as const), intent: fc.nat({ max: intents.length - 1 }) }),
  fc.record({ what: fc.constant("edit" as const), name: fc.constantFrom(...names) }),
  fc.record({ what: fc.constant("delete" as const), name: fc.constantFrom(...names) }),
  fc.record({ what: fc.constant("hear" as const), changes: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ what: fc.constant("pass" as const), milliseconds: fc.integer({ min: 0, max: 3_000 }) }),
  fc.record({ what: fc.constant("again" as const) }),
);

property.prop([fc.array(happening, { maxLength: 25 })], { numRuns: 150 })(
  "whatever happens, in the end stands what is due, and no write changed nothing",
  async (happenings) => {
    const world = new World();
    let wanted = closed;
    world.namespace("shop", wanted);
    await running(world, async () => {
      for (const one of happenings) {
        if (one.what === "declare") world.declare("shop", (wanted = intents[one.intent] ?? closed));
        else if (one.what === "edit") {
          if (world.stored.has(`shop/${one.name}`))
            world.put("shop", one.name, { spec: { podSelector: {} } });
        } else if (one.what === "delete") world.delete("shop", one.name);
        else if (one.what === "hear") world.hear(one.changes);
        else if (one.what === "pass") await world.clock.pass(one.milliseconds);
        else world.controller.changed("shop");
        await settled();
      }
      await world.live(180_000, 500);
      standsAsDue(world, "shop", wanted);
    });
    expect(world.writes.filter(({ changed }) => !changed)).toEqual([]);
    expect(world.errors).toEqual([]);
  },
);

property.prop([fc.array(fc.nat({ max: intents.length - 1 }), { minLength: 1, maxLength: 6 })], {
  numRuns: 100,
})("no state on the way cuts pods off from DNS", async (declared) => {
  const world = new World();
  world.namespace("shop", closed);
  await running(world, async () => {
    for (const intent of declared) {
      await world.live(200);
      world.declare("shop", intents[intent] ?? closed);
    }
    await world.live(1_000);
  });
  const standing = new Set<string>();
  for (const { verb, name } of world.writes) {
    if (verb === "remove") standing.delete(name);
    else standing.add(name);
    if (standing.size > 0) expect([...standing]).toContain("ringfence-allow-dns");
  }
});
