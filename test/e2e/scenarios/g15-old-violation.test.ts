import { expect, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support.ts";
import {
  apply,
  expectSeen,
  policiesIn,
  restricted,
  rulesOf,
  run,
  type Seen,
  untilEnforced,
  warningsOf,
} from "./scenario.ts";

const dropFinalizer = ["patch", "networkpolicy", "--type=merge", "-p", '{"metadata":{"finalizers":null}}'];

interface Old {
  readonly shop: TestNamespace;
  /** What the label said that switched enforcement on. */
  readonly labelled: Seen;
}

/** The policy is there first, and only then the namespace enforces. */
async function namespaceWithOldViolation(): Promise<Old> {
  const shop = await testNamespace();
  const applied = await apply(shop, "g15-old-violation");
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  const labelled = await run(shop, ["label", "namespace", shop.name, "ringfence.dev/enforce=baseline"]);
  expect(labelled.code, labelled.stderr).toBe(0);
  await untilEnforced(shop);
  return { shop, labelled };
}

test("G15 R91: when enforcement is switched on, what violates already is told", async () => {
  const { shop, labelled } = await namespaceWithOldViolation();
  expect(warningsOf(labelled)).toEqual(["or-ed-selectors: 1 existing policy breaks it: old"]);
  await expectSeen("g15-old-violation.enforced", labelled);
  await run(shop, [...dropFinalizer, "old"]);
});

test("G15 R24: what violates from before may be edited in a label and moved about in its list, with a warning", async () => {
  const { shop } = await namespaceWithOldViolation();
  const labelled = await run(shop, ["label", "networkpolicy", "old", "team=a"]);
  expect([labelled.code, labelled.stderr]).toEqual([0, ""]);
  const inserted = await apply(shop, "g15-old-violation.inserted");
  expect(inserted.code, inserted.stderr).toBe(0);
  expect(warningsOf(inserted)).toHaveLength(1);
  expect(warningsOf(inserted)[0]).toMatch(/^or-ed-selectors at spec\.ingress\[1\]/);
  await expectSeen("g15-old-violation.inserted", inserted);
  await run(shop, [...dropFinalizer, "old"]);
});

test("G15 R24 R91: an edit that makes it worse is denied", async () => {
  const { shop } = await namespaceWithOldViolation();
  const worse = await apply(shop, "g15-old-violation.worse");
  expect(worse.code).toBe(1);
  expect(rulesOf(worse)).toEqual(["or-ed-selectors"]);
  await expectSeen("g15-old-violation.worse", worse);
  await run(shop, [...dropFinalizer, "old"]);
});

test("G15 R23: it may be deleted, and its finalizer removed", async () => {
  const { shop } = await namespaceWithOldViolation();
  const deleted = await run(shop, ["delete", "networkpolicy", "old", "--wait=false"]);
  expect(deleted.code, deleted.stderr).toBe(0);
  expect(await policiesIn(shop)).toEqual(["old"]);
  const finalized = await run(shop, [...dropFinalizer, "old"]);
  expect([finalized.code, finalized.stderr]).toEqual([0, ""]);
  expect(await policiesIn(shop)).toEqual([]);
});

test("G15c R23: a clean policy that is being deleted is judged when its spec is opened", async () => {
  const shop = await testNamespace(restricted);
  const applied = await apply(shop, "g15c-terminating");
  expect(applied.code, applied.stderr).toBe(0);
  await run(shop, ["delete", "networkpolicy", "closed", "--wait=false"]);
  const patch = ["patch", "networkpolicy", "closed", "--type=merge", "-p"];
  const opened = await run(shop, [...patch, '{"spec":{"ingress":[{}]}}']);
  expect(opened.code).toBe(1);
  expect(rulesOf(opened)).toEqual(["allow-all-ingress"]);
  await expectSeen("g15c-terminating", opened);
  expect((await run(shop, [...dropFinalizer, "closed"])).code).toBe(0);
  expect(await policiesIn(shop)).toEqual([]);
});
