import { expect, test } from "vitest";
import { parseMetrics, sumOf } from "./metrics.ts";

const text = `# HELP a_total Things
# TYPE a_total counter
a_total{code="200",name="x"} 2
a_total{code="500",name="x"} 3 1700000000
a_total{code="500",name="quoted \\"} \\\\ here"} 4
a_total_other 7
b_bucket{le="+Inf"} +Inf
b_seconds 1.5e-3
`;

test("samples with their labels, escapes undone, comments and timestamps dropped", () => {
  const samples = parseMetrics(text);
  expect(samples.map(({ name, value }) => [name, value])).toEqual([
    ["a_total", 2],
    ["a_total", 3],
    ["a_total", 4],
    ["a_total_other", 7],
    ["b_bucket", Infinity],
    ["b_seconds", 0.0015],
  ]);
  expect(samples[2]?.labels.get("name")).toBe('quoted "} \\ here');
});

test("a prefix chooses, a sum counts one name and the labels asked for", () => {
  const samples = parseMetrics(text, "a_");
  expect(samples).toHaveLength(4);
  expect(sumOf(samples, "a_total")).toBe(9);
  expect(sumOf(samples, "a_total", { code: "500", name: "x" })).toBe(3);
  expect(sumOf(samples, "absent")).toBe(0);
});
