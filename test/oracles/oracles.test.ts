import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { oraclesPage } from "../../scripts/oracles/page.ts";
import { differenceText, idle, sourceText, unexplained } from "../../scripts/oracles/report.ts";
import { readRow, statesOf } from "./case.ts";
import type { OracleCase, OracleSource } from "./case.ts";
import { compare, compareSource } from "./compare.ts";
import { groups } from "./cyclonus/cases.ts";
import { oracleSources } from "./sources.ts";

const sources = oracleSources();
const results = sources.map(compareSource);

describe("the evaluator against what others expect", () => {
  it.each(results.map((result) => [result.source.id, result] as const))(
    "%s: agrees in every cell",
    (_, result) => {
      expect(unexplained([result]).map(differenceText)).toEqual([]);
      expect(result.total.stated.cells).toBeGreaterThan(0);
    },
  );

  it("has no explanation without a difference", () => {
    expect(idle(results)).toEqual([]);
  });

  it("is told in docs/reference/oracles.md as it is now (npm run oracles -- --write)", () => {
    const page = readFileSync(new URL("../../docs/reference/oracles.md", import.meta.url), "utf8");
    expect(oraclesPage(results, page)).toBe(page);
  });
});

describe("the cases", () => {
  it("have each their own id", () => {
    const ids = sources.flatMap(({ cases }) => cases.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are as many as the sources say", () => {
    expect(sources.map(({ cases }) => cases.length)).toEqual([48, 230, 4]);
    expect(groups.map(({ inputs }) => inputs.length)).toEqual(groups.map(({ count }) => count));
  });
});

const tiny: OracleCase = {
  id: "tiny/deny",
  group: "tiny",
  from: "here",
  namespaces: { x: {} },
  pods: { "x/a": {}, "x/b": {} },
  addresses: { "x/a": "10.244.1.1", "x/b": "10.244.1.2" },
  outside: [],
  serves: [],
  steps: [
    {
      apply: [
        { metadata: { namespace: "x", name: "deny" }, spec: { podSelector: {}, policyTypes: ["Ingress"] } },
      ],
      tables: [{ port: { port: 80, protocol: "TCP" }, stated: ["-.", "X-"].map(readRow) }],
    },
  ],
};

describe("a difference", () => {
  const source: OracleSource = { id: "tiny", title: "Tiny", source: "here", states: "us", cases: [tiny] };

  it("is counted, told and put on the page", () => {
    const result = compareSource(source);
    expect(result.total.stated).toEqual({ cells: 2, agreeing: 1 });
    expect(result.total.unstated).toEqual({ cells: 2, agreeing: 2 });
    const line =
      "DIFFERS: tiny/deny, step 1, x/a to x/b on 80/TCP: source allowed, naive denied, Ringfence denied [here]";
    expect(unexplained([result]).map(differenceText)).toEqual([line]);
    expect(sourceText(result, false)).toContain(line);
    expect(oraclesPage([result], undefined)).toContain(line);
  });

  it("is none where the source says nothing and both evaluators agree", () => {
    const [step] = tiny.steps;
    if (step === undefined) throw new Error("no step");
    const tables = [{ port: { port: 80, protocol: "TCP" }, stated: ["--", "--"].map(readRow) }];
    expect(compare([{ ...tiny, steps: [{ ...step, tables }] }]).differences).toEqual([]);
  });

  it("leaves what people wrote on the page", () => {
    const page = `${oraclesPage([compareSource(source)], undefined)}\n## By hand\n`;
    expect(oraclesPage([compareSource(source)], page)).toBe(page);
  });
});

describe("the steps of a case", () => {
  it("add, relabel and delete; what is of a deleted namespace goes with it", () => {
    const states = statesOf({
      ...tiny,
      addresses: { ...tiny.addresses, "y/a": "10.244.2.1" },
      steps: [
        { namespaces: { y: { team: "b" } }, pods: { "y/a": {}, "x/b": { app: "b" } }, tables: [] },
        {
          apply: [{ metadata: { namespace: "y", name: "p" }, spec: { podSelector: {} } }],
          pods: { "x/a": null },
          tables: [],
        },
        { namespaces: { y: null }, tables: [] },
      ],
    });
    expect(states.map(({ ends }) => ends.map(({ name }) => name))).toEqual([
      ["x/a", "x/b", "y/a"],
      ["x/b", "y/a"],
      ["x/b"],
    ]);
    expect(states.map(({ cluster }) => cluster.policies.length)).toEqual([0, 1, 0]);
    expect(states[0]?.cluster.pods[1]?.labels).toEqual({ app: "b" });
    expect(states[0]?.cluster.namespaces[1]?.labels).toEqual({
      team: "b",
      "kubernetes.io/metadata.name": "y",
    });
  });

  it("must fit their tables", () => {
    const wrong = { ...tiny, steps: [{ tables: [{ port: { port: 80, protocol: "TCP" }, stated: [] }] }] };
    expect(() => compare([wrong])).toThrow("tiny/deny: the rows and columns of a table must be x/a, x/b");
    expect(() => readRow(". ?")).toThrow('"?" in the row');
  });
});
