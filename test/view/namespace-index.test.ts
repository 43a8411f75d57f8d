import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { compileSelector, matches } from "#src/network/selector.ts";
import { namespaceFacts } from "#src/model/namespace-facts.ts";
import { NamespaceIndex } from "#src/view/namespace-index.ts";
import type { NamespaceFacts } from "#src/model/cluster-view.ts";
import { namespace } from "./support.ts";

const key = fc.constantFrom("team", "env", "constructor", "__proto__", "kubernetes.io/metadata.name");
const value = fc.constantFrom("a", "b", "n1", "n2", "");
const name = fc.constantFrom("n1", "n2", "n3", "n4");
const labels = fc
  .array(fc.tuple(key, value), { maxLength: 4 })
  // As own properties, also `__proto__`, just as JSON.parse makes them.
  .map(
    (pairs) =>
      JSON.parse(
        `{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`,
      ) as Record<string, string>,
  );
const requirement = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);

test.prop([
  fc.array(fc.tuple(name, fc.option(labels, { nil: undefined })), { maxLength: 12 }),
  fc.array(requirement, { maxLength: 3 }),
])("matching finds what a walk over all namespaces would find", (changes, matchExpressions) => {
  const index = new NamespaceIndex();
  const all = new Map<string, NamespaceFacts>();
  for (const [changed, given] of changes) {
    const after =
      given === undefined ? undefined : namespaceFacts({ metadata: { name: changed, labels: given } });
    expect(index.get(changed)).toBe(all.get(changed));
    index.replace(all.get(changed), after);
    expect(index.get(changed)).toBe(after);
    if (after === undefined) all.delete(changed);
    else all.set(changed, after);
  }
  const selector = compileSelector({ matchExpressions }, "namespaces");
  if (selector === undefined) throw new Error("the selector is valid");
  const walked = [...all.values()]
    .filter((facts) => matches(selector, facts.labels))
    .map((facts) => facts.name);
  expect(
    index
      .matching(selector)
      .map((facts) => facts.name)
      .sort(),
  ).toEqual(walked.sort());
  expect([...all.keys()].map((each) => index.get(each))).toEqual([...all.values()]);
});

test("the label of the name is the name, whatever the object says", () => {
  const facts = namespaceFacts({
    metadata: { name: "shop", labels: { "kubernetes.io/metadata.name": "bank" } },
  });
  expect(facts.labels.get("kubernetes.io/metadata.name")).toBe("shop");
  expect(namespaceFacts({ metadata: { name: "shop" } }).labels.size).toBe(1);
});

test("of the annotations only ours are kept", () => {
  const facts = namespaceFacts({
    metadata: {
      name: "shop",
      annotations: { "ringfence.dev/network-policies": "denyAll: true", other: "x" },
    },
  });
  expect([...facts.annotations.keys()]).toEqual(["ringfence.dev/network-policies"]);
});

test("a namespace that is being deleted is terminating, by either sign", () => {
  const active = namespace("shop");
  expect(namespaceFacts(active).terminating).toBe(false);
  expect(namespaceFacts({ ...active, status: { phase: "Terminating" } }).terminating).toBe(true);
  const deletionTimestamp = "2026-01-01T00:00:00Z";
  expect(namespaceFacts({ ...active, metadata: { ...active.metadata, deletionTimestamp } }).terminating).toBe(
    true,
  );
});
