import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { labelSet } from "#src/network/labels.ts";
import {
  compileSelector,
  describeSelector,
  equivalent,
  everything,
  implies,
  intersect,
  isEverything,
  matches,
  matchesPartly,
  namespaceNameLabel,
  nothing,
  overlaps,
  satisfiable,
  selectorOf,
} from "#src/network/selector.ts";
import { coveredBy } from "#src/network/selector-cover.ts";
import type { Selector, SelectorDomain } from "#src/network/selector.ts";
import type { LabelSelector, LabelSelectorRequirement } from "#src/wire/meta.ts";
import { allLabelSets, labels, podSelector, wireSelector } from "./arbitraries.ts";

const universe = allLabelSets();
const selectedBy = (selector: Selector) => universe.filter((set) => matches(selector, set));

/** Selection as the API documents it, requirement by requirement. */
function selects(selector: LabelSelector, set: ReadonlyMap<string, string>): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {});
  return (
    pairs.every(([key, value]) => set.get(key) === value) &&
    (selector.matchExpressions ?? []).every((requirement) => holds(requirement, set.get(requirement.key)))
  );
}

function holds({ operator, values = [] }: LabelSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function compiled(selector: LabelSelector, domain: SelectorDomain = "pods"): Selector {
  const result = compileSelector(selector, domain);
  if (result === undefined) throw new Error("the selector cannot be read");
  return result;
}

describe("selector algebra against brute force", () => {
  test.prop([wireSelector, labels])("matches as Kubernetes does", (wire, set) => {
    expect(matches(compiled(wire), set)).toBe(selects(wire, set));
  });

  test.prop([podSelector, labels])(
    "matchesPartly says what holds whatever the other labels are",
    (a, known) => {
      const possible = universe.filter((set) => [...known].every(([key, value]) => set.get(key) === value));
      const answers = new Set(possible.map((set) => matches(a, set)));
      const answer = matchesPartly(a, known);
      if (answer !== undefined) expect([...answers]).toEqual([answer]);
      else expect(known.size).toBeLessThan(3);
    },
  );

  test.prop([podSelector])("satisfiable", (a) => {
    expect(satisfiable(a)).toBe(selectedBy(a).length > 0);
    expect(isEverything(a)).toBe(selectedBy(a).length === universe.length);
  });

  test.prop([podSelector, podSelector])("implies, overlaps, equivalent, intersect", (a, b) => {
    const [inA, inB] = [selectedBy(a), selectedBy(b)];
    expect(implies(a, b)).toBe(inA.every((set) => inB.includes(set)));
    expect(overlaps(a, b)).toBe(inA.some((set) => inB.includes(set)));
    expect(equivalent(a, b)).toBe(inA.length === inB.length && inA.every((set) => inB.includes(set)));
    expect(selectedBy(intersect(a, b))).toEqual(inA.filter((set) => inB.includes(set)));
  });

  test.prop([podSelector, fc.array(podSelector, { maxLength: 5 })])("coveredBy", (a, union) => {
    const covered = selectedBy(a).every((set) => union.some((member) => matches(member, set)));
    expect(coveredBy(a, union, workBudget(100_000))).toBe(covered);
  });

  test.prop([podSelector, fc.array(podSelector, { maxLength: 5 }), fc.nat(20)])(
    "coveredBy is unknown or right on a small budget",
    (a, union, steps) => {
      const answer = coveredBy(a, union, workBudget(steps));
      expect([undefined, coveredBy(a, union, workBudget(100_000))]).toContain(answer);
    },
  );

  test.prop([podSelector, podSelector])(
    "equal text means equal, and equal meaning per key equal text",
    (a, b) => {
      if (a.text === b.text) expect(equivalent(a, b)).toBe(true);
      else if (satisfiable(a) && satisfiable(b)) expect(equivalent(a, b)).toBe(false);
    },
  );

  test.prop([wireSelector])("the order of requirements does not matter", (wire) => {
    const turned = {
      matchLabels: Object.fromEntries(Object.entries(wire.matchLabels ?? {}).reverse()),
      matchExpressions: [...(wire.matchExpressions ?? [])].reverse(),
    };
    expect(compiled(turned).text).toBe(compiled(wire).text);
  });
});

describe("canonical text", () => {
  it.each([
    [{}, ""],
    [{ matchLabels: { tier: "front", app: "web" } }, "app=web,tier=front"],
    [{ matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] }, "app=web"],
    [{ matchExpressions: [{ key: "tier", operator: "In", values: ["b", "a", "b"] }] }, "tier in (a,b)"],
    [{ matchExpressions: [{ key: "tier", operator: "NotIn", values: ["b", "a"] }] }, "tier notin (a,b)"],
    [{ matchExpressions: [{ key: "legacy", operator: "DoesNotExist" }] }, "!legacy"],
    [{ matchExpressions: [{ key: "app", operator: "Exists" }] }, "app"],
    [
      {
        matchExpressions: [
          { key: "app", operator: "Exists" },
          { key: "app", operator: "NotIn", values: ["a"] },
        ],
      },
      "app,app notin (a)",
    ],
    [{ matchLabels: { app: "" } }, "app="],
    // No label has this key, but mutating admission sees what was written.
    [{ matchExpressions: [{ key: "", operator: "Exists" }] }, '""'],
    [{ matchLabels: { b: "1" }, matchExpressions: [{ key: "", operator: "Exists" }] }, '"",b=1'],
    [{ matchLabels: { app: "a,b in (c)" } }, 'app="a,b in (c)"'],
    [
      { matchLabels: { app: "a" }, matchExpressions: [{ key: "app", operator: "In", values: ["b"] }] },
      "app in ()",
    ],
  ] satisfies [LabelSelector, string][])("%j is %s", (wire, text) => {
    expect(compiled(wire).text).toBe(text);
  });

  it("says for people what an empty selector selects", () => {
    expect(describeSelector(everything("pods"))).toBe("all pods");
    expect(describeSelector(everything("namespaces"))).toBe("all namespaces");
    expect(describeSelector(compiled({ matchLabels: { app: "web" } }))).toBe("app=web");
  });

  it("cannot be forged by a value that reads like a selector", () => {
    const forged = compiled({ matchLabels: { app: "web,tier in (a,b)" } });
    const real = compiled({
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["a", "b"] }],
    });
    expect(forged.text).not.toBe(real.text);
  });
});

describe("what cannot be read", () => {
  it.each([
    { matchExpressions: [{ key: "app", operator: "Equals", values: ["a"] }] },
    { matchExpressions: [{ key: "app", operator: "constructor" }] },
    { matchExpressions: [{ key: "app", operator: "In" }] },
    { matchExpressions: [{ key: "app", operator: "NotIn", values: [] }] },
    { matchExpressions: [{ key: "app", operator: "Exists", values: ["a"] }] },
    { matchExpressions: [{ key: "app", operator: "DoesNotExist", values: ["a"] }] },
    JSON.parse('{"matchLabels": {"app": 1}}') as LabelSelector,
    JSON.parse('{"matchExpressions": {"key": "app"}}') as LabelSelector,
    JSON.parse('{"matchExpressions": [null]}') as LabelSelector,
    JSON.parse('{"matchExpressions": [{"key": 1, "operator": "Exists"}]}') as LabelSelector,
    JSON.parse('{"matchExpressions": [{"key": "a", "operator": "In", "values": "b"}]}') as LabelSelector,
  ])("%j", (wire) => {
    expect(compileSelector(wire, "pods")).toBeUndefined();
  });

  it("an absent selector is everything", () => {
    expect(compileSelector(undefined, "pods")).toEqual(everything("pods"));
    expect(compileSelector(JSON.parse("null") as null, "namespaces")).toEqual(everything("namespaces"));
  });

  it("nothing selects nothing", () => {
    expect(satisfiable(nothing("pods"))).toBe(false);
    expect(satisfiable(nothing("namespaces"))).toBe(false);
    expect(matches(nothing("pods"), labelSet({}))).toBe(false);
  });
});

describe("namespaces have exactly one kubernetes.io/metadata.name", () => {
  const own = (operator: string, ...values: string[]) =>
    compiled(
      { matchExpressions: [{ key: namespaceNameLabel, operator, ...(values.length > 0 && { values }) }] },
      "namespaces",
    );

  it("never lack it, always have it", () => {
    expect(satisfiable(own("DoesNotExist"))).toBe(false);
    expect(isEverything(own("Exists"))).toBe(true);
    expect(
      satisfiable(compiled({ matchExpressions: [{ key: namespaceNameLabel, operator: "DoesNotExist" }] })),
    ).toBe(true);
  });

  it("are all selected by one name or any other", () => {
    const union = [own("In", "a"), own("NotIn", "a")];
    expect(coveredBy(everything("namespaces"), union, workBudget(100))).toBe(true);
    expect(own("NotIn", "a").text).toBe("kubernetes.io/metadata.name notin (a)");
  });

  it("of two names at once there is none", () => {
    const two = compiled(
      {
        matchLabels: { [namespaceNameLabel]: "a" },
        matchExpressions: [{ key: namespaceNameLabel, operator: "In", values: ["b", "c"] }],
      },
      "namespaces",
    );
    expect(satisfiable(two)).toBe(false);
  });
});

describe("selectorOf", () => {
  test.prop([labels, labels])("selects the objects that have all these labels", (wanted, set) => {
    const all = [...wanted].every(([key, value]) => set.get(key) === value);
    expect(matches(selectorOf(wanted, "pods"), set)).toBe(all);
  });
});

it("coveredBy gives up when the budget is used up", () => {
  const union = Array.from({ length: 24 }, (_, i) =>
    compiled({
      matchExpressions: [
        { key: `k${i}`, operator: "Exists" },
        { key: `k${i + 1}`, operator: "DoesNotExist" },
      ],
    }),
  );
  // Neither what has every label nor what has none tells at once.
  const plain = ["Exists", "DoesNotExist"].map((operator) =>
    compiled({ matchExpressions: ["k0", "k1"].map((key) => ({ key, operator })) }),
  );
  expect(coveredBy(everything("pods"), [...plain, ...union], workBudget(10))).toBeUndefined();
});

it("eight values cost as much as a constraint", () => {
  const list = (key: string) => ({
    key,
    operator: "NotIn",
    values: Array.from({ length: 240 }, (_, i) => `v-${i}`),
  });
  const long = compileSelector({ matchExpressions: [list("a"), list("b")] }, "pods");
  if (long === undefined) throw new Error("not compiled");
  const all = everything("pods");
  expect(coveredBy(all, [long], workBudget(200))).toBe(false);
  expect(coveredBy(all, [long], workBudget(60))).toBeUndefined();
});

it("a selector of thousands of keys uses up the budget and not the memory", () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}`);
  const wide = compiled({ matchExpressions: keys.map((key) => ({ key, operator: "Exists" })) });
  const web = compiled({
    matchExpressions: keys.map((key) => ({ key, operator: "NotIn", values: ["web"] })),
  });
  const budget = workBudget(20_000);
  expect(coveredBy(wide, [web], budget)).toBeUndefined();
  expect(budget.spend()).toBe(false);
});

it("many requirements on one key are read in time that grows with them, and mean all of them", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `v${index}`);
  const matchExpressions = [
    ...many.map((value) => ({ key: "app", operator: "NotIn", values: [value] })),
    ...many.map((value) => ({ key: "tier", operator: "In", values: [value, "front"] })),
  ];
  const selector = compileSelector({ matchExpressions }, "pods");
  expect(selector?.constraints.get("app")?.values).toHaveLength(many.length);
  expect(selector?.constraints.get("tier")).toStrictEqual({
    absent: false,
    complement: false,
    values: ["front"],
  });
});
