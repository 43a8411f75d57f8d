import { expect, test } from "vitest";
import { desired } from "#src/intent/desired.ts";
import { readIntent } from "#src/intent/read.ts";
import { stringify } from "yaml";
import { reachText } from "../support/reach.ts";
import { endsUnder, policiesOf, surroundings } from "./world.ts";

/** The scenarios of which a reader can check by eye who reaches whom. */
const scenarios = {
  "namespace-isolation": `
denyAll: true
allowIngressFromIngress: true
allowEgressToNamespaces: [data]
`,
  "namespace-isolation-open-inside": `
denyAll: true
allowIngressFromIngress: true
allowEgressToNamespaces: [data]
allowIntraNamespace: true
`,
  "three-tiers": `
denyAll: true
allowIngressFromIngress: { to: { app: frontend }, ports: [8080/TCP] }
connections:
  - { from: { app: frontend }, to: { app: backend }, ports: [8080/TCP] }
  - { from: { app: backend }, to: { app: postgres }, ports: [5432/TCP] }
`,
  "egress-proxy": "egressProxy: true",
  tenants: "tenant: example.com/customer",
  "load-balancer": `
allowIngressFromCIDRs: [203.0.113.0/24]
allowIntraNamespace: false
`,
  monitoring: "allowMonitoring: { ports: [metrics] }",
};

const ports = [
  { protocol: "TCP", port: 8080 },
  { protocol: "TCP", port: 9090 },
  { protocol: "TCP", port: 5432 },
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 3128 },
] as const;

test.each(Object.entries(scenarios))("%s: the policies, and who reaches whom", async (name, text) => {
  const { value, flaws } = readIntent(text);
  if (flaws !== undefined) throw new Error(JSON.stringify(flaws));
  const { pieces, unmet } = desired(value, surroundings);
  expect(unmet).toEqual([]);
  const policies = policiesOf(pieces).map(({ metadata, spec }) =>
    stringify({ [`ringfence-${metadata.name ?? ""}`]: spec }, { lineWidth: 0, aliasDuplicateObjects: false }),
  );
  await expect(
    `${text.trim()}\n\n${reachText(endsUnder(pieces), { ports, told })}\n${policies.join("\n")}`,
  ).toMatchFileSnapshot(`golden/${name}.txt`);
});

/** Only pairs with a pod of shop, whose policies alone there are. */
function told(from: string, to: string): boolean {
  return from.startsWith("shop/") || to.startsWith("shop/");
}
