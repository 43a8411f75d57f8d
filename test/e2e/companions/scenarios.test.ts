// What namespaces hold by what they declare, as kubectl shows it; who reaches whom by it stands in test/intent/golden.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { instanceLabel } from "../../control-plane/webhooks.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { rulesOf, run } from "../scenarios/scenario.ts";
import { sharedConfiguration } from "../shared-configuration.ts";
import { controlPlane, ownRingfence, uniqueName } from "../support.ts";
import { intentAnnotation, intentNamespace, untilPolicies, type Stored } from "./support.ts";

const base = { "ringfence.dev/enforce": "baseline" };

/** Holds the policies against a golden file: each with what it says, in the order of the names. */
async function expectCompanions(
  name: string,
  stored: ReadonlyMap<string, Stored>,
  names: Readonly<Record<string, string>> = {},
): Promise<void> {
  const sorted = [...stored].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = stringify(Object.fromEntries(sorted.map(([policy, { spec }]) => [policy, spec])), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  await expectGolden(text, `companions/${name}.yaml`, names);
}

const isolated = { denyAll: true, allowIngressFromIngress: true, allowEgressToNamespaces: ["sys-postgres"] };
const isolatedNames = [
  "ringfence-allow-dns",
  "ringfence-default-deny",
  "ringfence-allow-ingress-controllers",
  "ringfence-allow-egress-to-namespaces",
];

test("C1: a closed namespace behind the ingress controllers, with a database elsewhere", async () => {
  const shop = await intentNamespace(isolated, { labels: base });
  await expectCompanions("c01", await untilPolicies(shop, isolatedNames));
});

test("C2: the same, open inside", async () => {
  const shop = await intentNamespace({ ...isolated, allowIntraNamespace: true }, { labels: base });
  const names = [...isolatedNames, "ringfence-allow-intra-namespace"];
  await expectCompanions("c02", await untilPolicies(shop, names));
});

test("C3: three tiers, each edge on both sides", async () => {
  const tiers = {
    denyAll: true,
    allowIngressFromIngress: { to: { app: "frontend" }, ports: ["8080/TCP"] },
    connections: [
      { from: { app: "frontend" }, to: { app: "backend" }, ports: ["8080/TCP"] },
      { from: { app: "backend" }, to: { app: "postgres" }, ports: ["5432/TCP"] },
    ],
  };
  const shop = await intentNamespace(tiers, { labels: base });
  const names = [
    "ringfence-allow-dns",
    "ringfence-default-deny",
    "ringfence-allow-ingress-controllers",
    "ringfence-egress-frontend-to-backend-9b4052",
    "ringfence-ingress-frontend-to-backend-9b4052",
    "ringfence-egress-backend-to-postgres-5d3932",
    "ringfence-ingress-backend-to-postgres-5d3932",
  ];
  await expectCompanions("c03", await untilPolicies(shop, names));
});

test("C4 R91: the internet through the proxy alone; a tenant's own way out is beyond the ceiling", async () => {
  const ceiling =
    "ceiling: { egress: [{ to: [{ podSelector: {} }] }, { to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: proxy } } }], ports: [{ port: 3128 }] }] }\n";
  await ownRingfence("c4", { config: `${sharedConfiguration}${ceiling}` });
  const labels = { ...base, [instanceLabel]: "c4" };
  const shop = await intentNamespace({ egressProxy: true }, { labels });
  const names = ["ringfence-allow-dns", "ringfence-default-deny", "ringfence-allow-egress-proxy"];
  await expectCompanions("c04", await untilPolicies(shop, names));
  const out = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "out" },
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }],
    },
  };
  const seen = await run({ name: shop }, ["create", "-f", "-"], { stdin: JSON.stringify(out) });
  expect([seen.code, rulesOf(seen)]).toEqual([1, ["exceeds-ceiling"]]);
  await expectGolden(transcript(seen), "c04-egress-proxy.txt", { [shop]: "shop" });
});

test("C5: namespaces of one customer reach each other by a label that only operators set", async () => {
  const customer = (name: string) => ({ ...base, "example.com/customer": name });
  const intent = { tenant: "example.com/customer" };
  const red = await intentNamespace(intent, { labels: customer("red"), as: "operator" });
  const blue = await intentNamespace(intent, { labels: customer("blue"), as: "operator" });
  const names = ["ringfence-allow-dns", "ringfence-default-deny", "ringfence-allow-tenant"];
  await expectCompanions("c05-red", await untilPolicies(red, names));
  await expectCompanions("c05-blue", await untilPolicies(blue, names));
  const taken = ["label", "--overwrite", "namespace", blue, "example.com/customer=red"];
  const seen = await run({ name: blue }, taken);
  expect([seen.code, rulesOf(seen)]).toEqual([1, ["protected-namespace-label"]]);
});

test("C10: a namespace and its policies in one apply, ten times: all accepted", async () => {
  const manifest = (name: string): string =>
    [
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name, labels: base, annotations: { [intentAnnotation]: stringify(isolated) } },
      },
      policy(name, "backend", { egress: [{ to: [{ podSelector: { matchLabels: { app: "db" } } }] }] }),
      policy(name, "frontend", { ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }] }),
    ]
      .map((object) => stringify(object))
      .join("---\n");
  const born = Array.from({ length: 10 }, () => uniqueName("c"));
  try {
    for (const name of born) {
      const seen = await run({ name }, ["apply", "-f", "-"], { stdin: manifest(name) });
      expect(seen.code, seen.stderr).toBe(0);
    }
    for (const name of born) await untilPolicies(name, [...isolatedNames, "backend", "frontend"]);
  } finally {
    for (const name of born) await controlPlane().api.admin.send("DELETE", `/api/v1/namespaces/${name}`);
  }
});

function policy(namespace: string, app: string, rules: object): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: app, namespace },
    spec: {
      podSelector: { matchLabels: { app } },
      policyTypes: ["ingress" in rules ? "Ingress" : "Egress"],
      ...rules,
    },
  };
}
