import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  hypothetical,
  isolating,
  policySet,
  union,
  withCompanions,
  withPolicy,
  withoutPolicy,
} from "#src/network/policy-set.ts";
import { egress, policy } from "./cluster.ts";

const named = (name: string) => policy(name, { podSelector: {} });
const names = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 12 });

test.prop([names, fc.stringMatching(/^[a-z]{1,3}$/)])(
  "is in the order of names, each once, and found by name",
  (list, other) => {
    const set = policySet("shop", list.map(named), 7);
    const sorted = [...new Set(list)].sort();
    expect(set.policies.map(({ name }) => name)).toEqual(sorted);
    for (const name of sorted) expect(set.get(name)?.name).toBe(name);
    expect(set.get(other)?.name).toBe(sorted.includes(other) ? other : undefined);
    expect(policySet("shop", [...list].reverse().map(named), 7).policies).toEqual(set.policies);
    expect(withoutPolicy(withPolicy(set, named(other)), other).policies.map(({ name }) => name)).toEqual(
      sorted.filter((name) => name !== other),
    );
  },
);

test.prop([names, fc.stringMatching(/^[a-z]{1,3}$/)])(
  "holds a policy in its place once it is put in, whatever had its name",
  (list, other) => {
    const policies = list.map(named);
    const added = named(other);
    const expected = policySet("shop", [...policies, added]).policies;
    expect(withPolicy(policySet("shop", policies), added).policies).toEqual(expected);
    expect(withPolicy(policySet("shop", [...policies, named(other)]), added).get(other)).toBe(added);
    // Beside a companion both count.
    const twice = withCompanions([named(other), ...policySet("shop", policies).policies], "shop", [
      named(other),
    ]);
    expect(withPolicy(twice, added).policies).toEqual(expected);
  },
);

it("is not changed by what is made of it", () => {
  const set = policySet("shop", [named("a")], 3);
  const newer = policy("a", { podSelector: { matchLabels: { app: "web" } } });
  expect(withPolicy(set, newer).get("a")).toBe(newer);
  expect(withPolicy(set, newer).generation).toBe(hypothetical);
  expect(withPolicy(set, newer, 4).generation).toBe(4);
  expect(withoutPolicy(set, "a", 4)).toMatchObject({ generation: 4, policies: [] });
  expect(set.get("a")?.subject.text).toBe("");
  expect(set.generation).toBe(3);
});

it("isolates by policies that stay and opens by all", () => {
  const leaving = policy(
    "leaving",
    { podSelector: {}, policyTypes: ["Egress"], egress: [{}] },
    { deletionTimestamp: "2026-01-01T00:00:00Z" },
  );
  const set = policySet("shop", [
    leaving,
    egress("stays", "web", {}, { ports: [{ port: 80 }] }),
    named("in"),
  ]);
  expect(isolating(set, "egress").map(({ name }) => name)).toEqual(["stays"]);
  expect(isolating(set, "ingress").map(({ name }) => name)).toEqual(["in"]);
  expect(union(set, "egress").map(({ policy: { name }, entry }) => `${name}[${entry.index}]`)).toEqual([
    "leaving[0]",
    "stays[0]",
    "stays[1]",
  ]);
});
