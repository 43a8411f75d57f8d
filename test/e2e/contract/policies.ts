import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { NetworkPolicy, NetworkPolicySpec } from "#src/wire/network-policy.ts";

/** A manifest of the scenarios, as an object. */
export async function manifest(file: string): Promise<NetworkPolicy> {
  const text = await readFile(join(import.meta.dirname, "../scenarios", `${file}.yaml`), "utf8");
  return parse(text) as NetworkPolicy;
}

/** A policy as text for kubectl. */
export function policy(name: string, spec: NetworkPolicySpec, metadata: object = {}): string {
  const object = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, ...metadata },
    spec,
  };
  return JSON.stringify(object);
}

/** Breaks the baseline by itself, beyond any cure. */
export const orEd: NetworkPolicySpec = {
  podSelector: { matchLabels: { app: "a" } },
  policyTypes: ["Ingress"],
  ingress: [
    {
      from: [
        { namespaceSelector: { matchLabels: { team: "payments" } } },
        { podSelector: { matchLabels: { app: "b" } } },
      ],
    },
  ],
};

/** Breaks nothing. */
export const clean: NetworkPolicySpec = {
  podSelector: { matchLabels: { app: "a" } },
  policyTypes: ["Ingress"],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: "b" } } }] }],
};
