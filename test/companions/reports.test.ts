import { describe, expect, test } from "vitest";
import { countsOf } from "#src/companions/counts.ts";
import { planOf, type Plan } from "#src/companions/plan.ts";
import { reportsOf } from "#src/companions/reports.ts";
import { addCounts, noCompanions } from "#src/companions/state.ts";
import type { Done } from "#src/companions/write-out.ts";
import { otherCompanionName } from "#src/intent/companion.ts";
import type { DueCompanions } from "#src/model/companions.ts";
import { standingPolicy } from "#src/view/companion-index.ts";
import { allow, allowDns, defaultDeny, due } from "./due.ts";
import { nothingDue } from "#src/view/due-companions.ts";

const uid = "namespace-1";
const facts = { name: "shop", uid, labels: new Map(), annotations: new Map(), terminating: false };
const nothingDone: Done = {
  written: new Map(),
  unwritten: new Set(),
  removed: [],
  failed: new Map(),
  moved: false,
  delayed: undefined,
  ended: false,
};
const closed = due(allowDns, defaultDeny, allow("allow-a"));
const names = ["ringfence-allow-dns", "ringfence-default-deny", "ringfence-allow-a"];
const fresh: Plan = planOf(closed, new Map(), uid);
const foreign = (...taken: readonly string[]): Plan =>
  planOf(
    closed,
    new Map(
      taken.map((name) => [
        name,
        standingPolicy({ metadata: { name, namespace: "shop", uid: "1" }, spec: { podSelector: {} } }),
      ]),
    ),
    uid,
  );
const told = (of: DueCompanions, plan: Plan, done: Partial<Done>): string[] =>
  reportsOf(facts, of, plan, { ...nothingDone, ...done }).map(
    ({ reason, lasting, note }) => `${reason}${lasting ? " (lasting)" : ""}: ${note}`,
  );

describe("what is told of a run", () => {
  test("is nothing where nothing happened", () => {
    expect(told(closed, fresh, {})).toEqual([]);
    expect(told(nothingDue, planOf(nothingDue, new Map(), uid), {})).toEqual([]);
  });

  test("is what was written, brought to what is due, and removed", () => {
    const written = new Map([
      ["ringfence-allow-dns", "new"],
      ["ringfence-default-deny", "changed"],
      ["ringfence-allow-a", "adopted"],
    ] as const);
    expect(told(closed, fresh, { written, removed: ["ringfence-allow-b"] })).toEqual([
      "CompanionsWritten: wrote ringfence-allow-dns",
      "CompanionsUpdated: brought to what is due: ringfence-default-deny, ringfence-allow-a",
      "CompanionsRemoved: removed what is due no more: ringfence-allow-b",
    ]);
  });

  test("names eight at most: an Event holds little", () => {
    const removed = Array.from({ length: 10 }, (_, index) => `ringfence-${index}`);
    const [note] = told(closed, fresh, { removed });
    expect(note).toMatch(/: ringfence-0, .*ringfence-7 and 2 more$/);
  });

  test("is what lasts: names that are taken, held back, refused, fought over, unreadable", () => {
    const other = otherCompanionName("default-deny", uid);
    const heldBack = [{ direction: "ingress" as const, why: "pods behind a webhook" }];
    const done = {
      failed: new Map([["ringfence-allow-a", { text: "403: no", retryAfter: 0 }]]),
      delayed: 1_000,
    };
    expect(told({ ...closed, heldBack }, foreign("ringfence-default-deny", other), done)).toEqual([
      "CompanionNameTaken (lasting): ringfence-default-deny: not Ringfence's own, left alone",
      "IsolationHeldBack (lasting): ingress stays open until an operator confirms: pods behind a webhook",
      "CompanionContested (lasting): somebody changes companions again and again; repairs are slowed",
      "CompanionsFailing (lasting): ringfence-allow-a: 403: no",
      "CompanionsFailing (lasting): both names are taken for default-deny",
    ]);
    const unreadable: DueCompanions = {
      ...nothingDue,
      intent: { source: "unreadable", faults: ["1:1: no"] },
    };
    expect(told(unreadable, planOf(unreadable, new Map(), uid), {})).toEqual([
      "IntentUnreadable (lasting): the intent cannot be read, nothing is changed: 1:1: no",
    ]);
  });
});

describe("how companions stand", () => {
  const counted = (plan: Plan, done: Partial<Done>, contested: readonly string[] = []) =>
    countsOf(closed, plan, { ...nothingDone, ...done }, (name) => contested.includes(name));

  test("is nothing to speak of where none is due", () => {
    const plan = planOf(nothingDue, new Map(), uid);
    expect(countsOf(nothingDue, plan, nothingDone, () => false)).toBeUndefined();
  });

  test.each([
    ["all written", {}, [], { synced: 3 }],
    [
      "none, since the DNS was refused",
      { failed: new Map([[names[0], refused()]]), unwritten: new Set(names) },
      [],
      { failing: 1, pending: 2 },
    ],
    [
      "one refused",
      { failed: new Map([[names[2], refused()]]), unwritten: new Set([names[2]]) },
      [],
      { synced: 2, failing: 1 },
    ],
    ["one moved meanwhile", { unwritten: new Set([names[1]]), moved: true }, [], { synced: 2, pending: 1 }],
    [
      "one fought over",
      { unwritten: new Set([names[1]]), delayed: 1_000 },
      [names[1]],
      { synced: 2, contested: 1 },
    ],
    [
      "one fought over and refused",
      { failed: new Map([[names[1], refused()]]), unwritten: new Set([names[1]]) },
      [names[1]],
      { synced: 2, contested: 1 },
    ],
  ])("%s", (_, done, contested, expected) => {
    expect(counted(fresh, done as Partial<Done>, contested as string[])).toEqual({
      ...noCompanions,
      ...expected,
    });
  });

  test("with foreign policies under their names", () => {
    const one = foreign("ringfence-default-deny");
    expect(counted(one, {})).toEqual({ ...noCompanions, synced: 3, foreign: 1 });
    const two = foreign("ringfence-default-deny", otherCompanionName("default-deny", uid));
    expect(counted(two, {})).toEqual({ ...noCompanions, synced: 2, failing: 1, foreign: 1 });
  });

  test("adds up", () => {
    const one = { ...noCompanions, synced: 2, pending: 1, "held-back": 1 };
    const two = { ...noCompanions, synced: 1, failing: 1, foreign: 3, contested: 4 };
    expect(addCounts(one, two)).toEqual({
      synced: 3,
      pending: 1,
      failing: 1,
      foreign: 3,
      "held-back": 1,
      contested: 4,
    });
  });
});

function refused(): { readonly text: string; readonly retryAfter: number } {
  return { text: "403: no", retryAfter: 0 };
}
