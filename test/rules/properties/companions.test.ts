// What Ringfence writes for an intent is what it takes from others: `restricted` denies nothing of it but what the intent
// itself asks for.
import { test } from "@fast-check/vitest";
import { expect } from "vitest";
import { stringify } from "yaml";
import { parseConfiguration } from "#src/config/load.ts";
import { Interner } from "#src/network/interner.ts";
import { rules } from "#src/rules/index.ts";
import { intents, written } from "../../intent/arbitraries.ts";
import type { NaiveIntent } from "../../intent/naive.ts";
import { tenantKey } from "../../intent/world.ts";
import { decidingOn, type Request } from "../../support/decisions.ts";
import { cluster } from "../../support/fixtures.ts";
import type { KubernetesObject } from "../../support/objects.ts";
import { viewFromObjects } from "../../support/view-from-objects.ts";
import { validated } from "./judging.ts";

const settings = parseConfiguration(
  Buffer.from(`apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
protectedNamespaceLabels: [${tenantKey}]
ingressControllers: [{ namespace: ingress-nginx, pods: { app: controller } }]
intents:
  prometheus: [{ namespace: monitoring, pods: { app: prometheus } }]
  egressProxy: { pods: [{ namespace: proxy, pods: { app: squid } }], ports: [3128/TCP] }
`),
  "ringfence.yaml",
  rules,
);

const namespace = (
  name: string,
  labels: Readonly<Record<string, string>> = {},
  annotations: Readonly<Record<string, string>> = {},
): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name,
    uid: name,
    labels: {
      "kubernetes.io/metadata.name": name,
      "ringfence.dev/enforce": "restricted",
      [tenantKey]: "red",
      ...labels,
    },
    annotations,
  },
});
const pod = (name: string): KubernetesObject & { spec: object } => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "own", uid: name, labels: { app: name } },
  spec: { containers: [{ name: "app" }] },
});
/** Of no cloud that serves workload identity at the metadata address. */
const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" }, spec: {} };
const surroundings: readonly KubernetesObject[] = [
  node,
  ...cluster,
  ...["billing", "data", "monitoring", "ingress-nginx", "proxy"].map((name) => namespace(name)),
  ...["frontend", "backend", "postgres"].map(pod),
];

/** The rules that deny companions of an intent for what it asks, and whether it asks for that. All others never do. */
const askedFor: Readonly<Record<string, (intent: NaiveIntent) => boolean>> = {
  "any-ipblock-ingress": ({ allowIngressFromCIDRs = [] }) => allowIngressFromCIDRs.some(isWide),
  "any-ipblock-egress": ({ allowEgressToCIDRs = [] }) => allowEgressToCIDRs.some(isWide),
  "dns-open-to-world": ({ allowEgressToCIDRs = [] }) => allowEgressToCIDRs.some(isWide),
  "metadata-endpoint-reachable": ({ allowEgressToCIDRs = [] }) =>
    allowEgressToCIDRs.some((item) => isWide(item) || item.cidr === "fd00::/16"),
  "wide-port-range": (intent) =>
    JSON.stringify(intent).includes("5000-9000/TCP") || JSON.stringify(intent).includes("1-65535/TCP"),
};

function isWide({ cidr }: { readonly cidr?: string }): boolean {
  return cidr === "0.0.0.0/0" || cidr === "::/0";
}

/** The rules by which restricted denies the companions of the intent, to a namespace with these labels. */
async function denying(
  intent: object,
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const own = namespace("own", labels, { "ringfence.dev/network-policies": stringify(intent) });
  const view = viewFromObjects([...surroundings, own], { interner: new Interner(), settings });
  const facts = view.namespaces?.get("own");
  if (facts === undefined) throw new Error("no namespace");
  const { pieces, unmet } = view.companionsFor(facts);
  expect(unmet).toEqual([]);
  const policies = pieces.map(({ purpose, spec }) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    // As others would write it: names of companions are Ringfence's alone.
    metadata: { name: purpose, namespace: "own", uid: purpose },
    spec,
  }));
  const stored = viewFromObjects([...surroundings, own, ...policies], { interner: new Interner(), settings });
  const deciding = { ...decidingOn(stored, settings), clock: () => 0 };
  const denied: string[] = [];
  for (const object of policies) {
    const request: Request = { cluster: [], operation: "CREATE", object, settings };
    const { findings, failed } = await validated(deciding, request);
    expect(failed).toEqual([]);
    denied.push(...findings.filter(({ effect }) => effect === "deny").map(({ rule }) => rule.id));
  }
  return [...new Set(denied)].sort();
}

test.prop([intents], { numRuns: 60 })("restricted takes the companions of an intent", async (intent) => {
  const denied = await denying(written(intent));
  const unasked = denied.filter(
    (rule) => !(Object.hasOwn(askedFor, rule) && askedFor[rule]?.(intent) === true),
  );
  expect(unasked).toEqual([]);
});

test.each([
  ["all addresses that come in", { allowIngressFromCIDRs: ["0.0.0.0/0"] }, ["any-ipblock-ingress"]],
  [
    "all addresses that pods go to",
    { allowEgressToCIDRs: ["0.0.0.0/0"] },
    ["any-ipblock-egress", "metadata-endpoint-reachable"],
  ],
  [
    "DNS servers everywhere",
    {
      allowEgressToCIDRs: [
        { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"], ports: ["53/UDP", "53/TCP"] },
      ],
    },
    ["dns-open-to-world"],
  ],
  ["the metadata address", { allowEgressToCIDRs: ["169.254.0.0/16"] }, ["metadata-endpoint-reachable"]],
  ["thousands of ports", { allowMonitoring: { ports: ["5000-9000"] } }, ["wide-port-range"]],
  ["a label that every tenant may set", { tenant: "team" }, ["spoofable-namespace-label"]],
])("restricted denies %s, also to companions", async (_, intent, rulesThatDeny) => {
  expect(await denying(intent, { team: "a" })).toEqual(rulesThatDeny);
});
