import { describe, expect, it } from "vitest";
import { InternTable, Interner } from "#src/network/interner.ts";
import { labelSet, labelSetKey, labelSetText } from "#src/network/labels.ts";
import { compileSelector, everything } from "#src/network/selector.ts";
import { collectGarbage } from "../support/collect-garbage.ts";

describe("labelSet", () => {
  it("takes own keys only, whatever their names", () => {
    const record = JSON.parse('{"constructor": "c", "__proto__": "p", "app": "web"}') as Record<
      string,
      string
    >;
    expect([...labelSet(record)]).toEqual([
      ["__proto__", "p"],
      ["app", "web"],
      ["constructor", "c"],
    ]);
    expect(labelSet({}).get("constructor")).toBeUndefined();
    expect(labelSet(undefined).size).toBe(0);
    expect(labelSet(JSON.parse('{"n": 1}') as Record<string, string>).size).toBe(0);
  });

  it("has a key of its own for each content", () => {
    expect(labelSetKey(new Map([["a", "b,c=d"]]))).not.toBe(labelSetKey(labelSet({ a: "b", c: "d" })));
    expect(
      labelSetKey(
        new Map([
          ["b", "2"],
          ["a", "1"],
        ]),
      ),
    ).toBe(labelSetKey(labelSet({ a: "1", b: "2" })));
    expect(labelSetText(labelSet({ b: "2", a: "1" }))).toBe("a=1,b=2");
  });
});

describe("Interner", () => {
  it("gives one instance for equal content", () => {
    const interner = new Interner();
    const first = interner.internLabels(labelSet({ app: "web" }));
    expect(interner.internLabels(labelSet({ app: "web" }))).toBe(first);
    expect(interner.internLabels(labelSet({ app: "api" }))).not.toBe(first);
    const compiled = () => compileSelector({ matchLabels: { app: "web" } }, "pods") ?? everything("pods");
    const selector = compiled();
    expect(interner.internSelector(selector)).toBe(selector);
    expect(interner.internSelector(compiled())).toBe(selector);
  });

  it("tells the domains apart", () => {
    const interner = new Interner();
    interner.internSelector(everything("pods"));
    expect(interner.internSelector(everything("namespaces")).domain).toBe("namespaces");
  });
});

describe("InternTable", () => {
  it("forgets what nobody holds", async () => {
    const table = new InternTable<{ n: number }>();
    const held = table.share("held", { n: -1 });
    for (let round = 0; round < 20; round += 1) {
      for (let i = 0; i < 2_000; i += 1) table.share(`${round}/${i}`, { n: i });
      collectGarbage();
      // WeakRefs made in a turn stay strong until it ends.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(table.size).toBeLessThan(20_000);
    expect(table.share("held", { n: 1 })).toBe(held);
  });
});
