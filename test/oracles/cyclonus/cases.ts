import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { readPort, readRow, servedPort } from "../case.ts";
import type { OracleCase, Table } from "../case.ts";
import { actionCases, exampleCases, namespaceCases, ruleCases, targetCases } from "./changes.ts";
import { conflictCases } from "./conflicts.ts";
import { stepOf } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { peerCases } from "./peers.ts";
import { portCases } from "./ports.ts";
import { upstreamCases } from "./upstream.ts";

/** All inputs, by the function of its generator that makes them there, with how many its own tests say there are. */
export const groups: readonly {
  readonly made: string;
  readonly count: number;
  readonly inputs: readonly Input[];
}[] = [
  { made: "TargetTestCases", count: 6, inputs: targetCases() },
  { made: "RulesTestCases", count: 4, inputs: ruleCases() },
  { made: "PeersTestCases", count: 112, inputs: peerCases() },
  { made: "PortProtocolTestCases", count: 70, inputs: portCases() },
  { made: "ExampleTestCases", count: 1, inputs: exampleCases() },
  { made: "ActionTestCases", count: 6, inputs: actionCases() },
  { made: "ConflictTestCases", count: 16, inputs: conflictCases() },
  { made: "NamespaceTestCases", count: 2, inputs: namespaceCases() },
  { made: "UpstreamE2ETestCases", count: 13, inputs: upstreamCases() },
];

/** Three pods in each of three namespaces; their addresses lie in and out of the ranges in peers.ts. */
const world = {
  namespaces: { x: { ns: "x" }, y: { ns: "y" }, z: { ns: "z" } },
  pods: Object.fromEntries(
    ["x", "y", "z"].flatMap((namespace) => ["a", "b", "c"].map((pod) => [`${namespace}/${pod}`, { pod }])),
  ),
  addresses: {
    "x/a": "10.244.1.4",
    "x/b": "10.244.2.20",
    "x/c": "10.244.2.5",
    "x/d": "10.244.2.23",
    "y/a": "10.244.1.5",
    "y/b": "10.244.2.6",
    "y/c": "10.244.2.21",
    "y-2/a": "10.244.1.7",
    "y-2/b": "10.244.2.8",
    "z/a": "10.244.1.6",
    "z/b": "10.244.2.22",
    "z/c": "10.244.2.7",
    "w/a": "10.244.1.8",
  },
  outside: [],
  serves: ["80/TCP", "80/UDP", "80/SCTP", "81/TCP", "81/UDP", "81/SCTP"].map(servedPort),
};

const recorded = z.record(
  z.string(),
  z.strictObject({
    tags: z.array(z.string()),
    /** By step: ports (parted by spaces) to rows (parted by spaces). */
    steps: z.array(z.record(z.string(), z.string())),
  }),
);

/** The generated cases with the tables that cyclonus' own engine gives for them (tables.yaml). */
export function cyclonusCases(): readonly OracleCase[] {
  const tables = recorded.parse(parse(readFileSync(new URL("tables.yaml", import.meta.url), "utf8")));
  return groups.flatMap(({ made, inputs }) =>
    inputs.map(({ id, steps }) => {
      const known = Object.hasOwn(tables, id) ? tables[id] : undefined;
      if (known?.steps.length !== steps.length) throw new Error(`tables.yaml has not every step of ${id}`);
      return {
        ...world,
        id: `cyclonus/${id}`,
        group: made,
        from: `pkg/generator ${made}, tags ${known.tags.join(", ")}`,
        steps: steps.map((step, i) => ({ ...stepOf(step), tables: tablesOf(known.steps[i] ?? {}) })),
      };
    }),
  );
}

function tablesOf(step: Readonly<Record<string, string>>): readonly Table[] {
  return Object.entries(step).flatMap(([ports, rows]) => {
    const stated = rows.split(" ").map(readRow);
    return ports.split(" ").map((port) => ({ port: readPort(port), stated }));
  });
}
