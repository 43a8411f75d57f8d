import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "#src/wire/network-policy.ts";
import { readPort, readRow, servedPort } from "./case.ts";
import type { OracleCase, Step } from "./case.ts";

const labels = z.record(z.string(), z.string());
const selector: z.ZodType<LabelSelector> = z.strictObject({
  matchLabels: labels.exactOptional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.string(),
        values: z.array(z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
});
const peer: z.ZodType<NetworkPolicyPeer> = z.strictObject({
  podSelector: selector.exactOptional(),
  namespaceSelector: selector.exactOptional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).exactOptional() }).exactOptional(),
});
const policyPort: z.ZodType<NetworkPolicyPort> = z.strictObject({
  protocol: z.string().exactOptional(),
  port: z.union([z.number(), z.string()]).exactOptional(),
  endPort: z.number().exactOptional(),
});
const ports = z.array(policyPort).exactOptional();
const policy: z.ZodType<NetworkPolicy> = z.strictObject({
  metadata: z.strictObject({ namespace: z.string(), name: z.string() }),
  spec: z.strictObject({
    podSelector: selector,
    policyTypes: z.array(z.string()),
    ingress: z.array(z.strictObject({ from: z.array(peer).exactOptional(), ports })).exactOptional(),
    egress: z.array(z.strictObject({ to: z.array(peer).exactOptional(), ports })).exactOptional(),
  }),
});
const changed = z.record(z.string(), labels.nullable()).exactOptional();

/** Rows by the end that they are of; columns in the order of the rows. */
const table = z.record(z.string(), z.string());
const step = z.strictObject({
  apply: z.array(policy).exactOptional(),
  deletePolicies: z.array(z.string()).exactOptional(),
  namespaces: changed,
  pods: changed,
  /** By port, as `80/TCP`. */
  expect: z.record(z.string(), table),
});
const file = z.strictObject({
  namespaces: z.record(z.string(), labels),
  addresses: z.record(z.string(), z.string()),
  cases: z.array(
    z.strictObject({
      id: z.string(),
      test: z.string(),
      line: z.number(),
      /** Each labelled `pod: <its name>`, where the list is no map of labels. */
      pods: z.union([z.array(z.string()), z.record(z.string(), labels)]),
      outside: z.array(z.string()).default([]),
      /** Ports of every pod, named as `serve-80-tcp`, or names with their ports. */
      serves: z.union([z.array(z.string()), z.record(z.string(), z.string())]).default([]),
      steps: z.array(step),
    }),
  ),
});

/** The cases of the YAML files in a folder beside this one; `source` names the file that their lines are of. */
export function readCases(folder: string, source: string): readonly OracleCase[] {
  const directory = new URL(`${folder}/`, import.meta.url);
  return readdirSync(directory)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((name) => {
      const { cases, namespaces, addresses } = file.parse(
        parse(readFileSync(new URL(name, directory), "utf8")),
      );
      return cases.map(({ id, test, line, pods, outside, serves, steps }) => ({
        id: `${folder}/${id}`,
        group: name.replace(".yaml", ""),
        from: `${source}:${line} "${test}"`,
        namespaces,
        pods: Array.isArray(pods) ? Object.fromEntries(pods.map((ref) => [ref, namedPod(ref)])) : pods,
        addresses,
        outside,
        serves: Array.isArray(serves)
          ? serves.map(servedPort)
          : Object.entries(serves).map(([name, port]) => ({ name, ...readPort(port) })),
        steps: steps.map(readStep),
      }));
    });
}

function readStep({ expect, ...changes }: z.infer<typeof step>): Step {
  return {
    ...changes,
    tables: Object.entries(expect).map(([port, rows]) => ({
      port: readPort(port),
      rows: Object.keys(rows),
      stated: Object.values(rows).map(readRow),
    })),
  };
}

function namedPod(ref: string): { pod: string } {
  return { pod: ref.slice(ref.indexOf("/") + 1) };
}
