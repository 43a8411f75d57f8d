import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { labelSet } from "#src/network/labels.ts";
import { matches, namespaceNameLabel } from "#src/network/selector.ts";
import { NamespacePeerIndex } from "#src/view/namespace-peer-index.ts";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";

const budget = workBudget(1_000);

function admitting(
  namespace: string,
  name: string,
  ...selectors: readonly (LabelSelector | undefined)[]
): CompiledPolicy {
  const from = selectors.map((namespaceSelector) =>
    namespaceSelector === undefined ? { podSelector: {} } : { namespaceSelector },
  );
  return compilePolicy({ metadata: { namespace, name }, spec: { podSelector: {}, ingress: [{ from }] } });
}

function found(index: NamespacePeerIndex, labels: Record<string, string>) {
  return index
    .matching(labelSet({ [namespaceNameLabel]: "blue", ...labels }), budget)
    .map(({ selector, policies }) => [selector.text, Object.fromEntries(policies)])
    .sort();
}

describe("which selections a namespace is in", () => {
  it("is told of labels that are demanded, with the policies of each namespace counted", () => {
    const index = new NamespacePeerIndex();
    index.replace("a", undefined, admitting("a", "1", { matchLabels: { team: "x" } }));
    index.replace("a", undefined, admitting("a", "2", { matchLabels: { team: "x" } }));
    index.replace("b", undefined, admitting("b", "1", { matchLabels: { team: "x" } }));
    expect(found(index, { team: "x" })).toEqual([["team=x", { a: 2, b: 1 }]]);
    expect(found(index, { team: "y" })).toEqual([]);
  });

  it("leaves out everything, names, what only excludes, and the own namespace", () => {
    const index = new NamespacePeerIndex();
    const excludes = { matchExpressions: [{ key: "team", operator: "NotIn", values: ["y"] }] };
    const named = { matchLabels: { [namespaceNameLabel]: "blue" } };
    index.replace("a", undefined, admitting("a", "1", {}, excludes, named, undefined));
    expect(found(index, { team: "x" })).toEqual([]);
  });

  it("forgets what is gone, and counts a selector of one policy once", () => {
    const index = new NamespacePeerIndex();
    const twice = admitting("a", "1", { matchLabels: { team: "x" } }, { matchLabels: { team: "x" } });
    index.replace("a", undefined, twice);
    expect(found(index, { team: "x" })).toEqual([["team=x", { a: 1 }]]);
    const other = admitting("a", "1", { matchLabels: { team: "z" } });
    index.replace("a", twice, other);
    expect(found(index, { team: "x" })).toEqual([]);
    expect(found(index, { team: "z" })).toEqual([["team=z", { a: 1 }]]);
    index.replace("a", other, undefined);
    expect(found(index, { team: "z" })).toEqual([]);
  });

  it("is what a look at each selector tells, after any changes", () => {
    const value = fc.constantFrom("x", "y");
    const key = fc.constantFrom("team", "tier", namespaceNameLabel);
    const requirement = fc.oneof(
      fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: fc.array(value, { minLength: 1 }) }),
      fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
    );
    const selector = fc.record({ matchExpressions: fc.array(requirement, { maxLength: 3 }) });
    const step = fc.record({ at: fc.nat(2), selectors: fc.option(fc.array(selector, { maxLength: 3 })) });
    const labels = fc.dictionary(fc.constantFrom("team", "tier"), value);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), labels, (steps, worn) => {
        const index = new NamespacePeerIndex();
        const standing = new Map<number, CompiledPolicy>();
        for (const { at, selectors } of steps) {
          const after = selectors === null ? undefined : admitting("a", String(at), ...selectors);
          index.replace("a", standing.get(at), after);
          if (after === undefined) standing.delete(at);
          else standing.set(at, after);
        }
        const all = labelSet({ [namespaceNameLabel]: "blue", ...worn });
        const expected = new Set<string>();
        for (const { ingress } of standing.values()) {
          for (const { peers } of ingress) {
            for (const peer of peers === "any" ? [] : peers) {
              if (peer.kind !== "pods" || peer.namespaces === "own") continue;
              const { constraints, text } = peer.namespaces;
              const demands = [...constraints].some(
                ([name, { absent }]) => name !== namespaceNameLabel && !absent,
              );
              if (demands && matches(peer.namespaces, all)) expected.add(text);
            }
          }
        }
        expect(
          found(index, worn)
            .map(([text]) => text)
            .sort(),
        ).toEqual([...expected].sort());
      }),
    );
  });
});
