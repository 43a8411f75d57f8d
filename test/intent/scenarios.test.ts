import { expect, test } from "vitest";
import { desired } from "#src/intent/desired.ts";
import { readIntent } from "#src/intent/read.ts";
import { connects, type End } from "#src/network/connection.ts";
import { stringify } from "yaml";
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
  await expect(`${text.trim()}\n\n${matrix(endsUnder(pieces))}\n${policies.join("\n")}`).toMatchFileSnapshot(
    `golden/${name}.txt`,
  );
});

/** Rows connect to columns, on these ports; only pairs with a pod of shop, whose policies alone there are. */
function matrix(ends: ReadonlyMap<string, End>): string {
  const names = [...ends.keys()];
  const lines = names.flatMap((from) =>
    names.flatMap((to) => {
      if (from === to || (!from.startsWith("shop/") && !to.startsWith("shop/"))) return [];
      const open = ports.filter((port) => connects(end(ends, from), end(ends, to), port).allowed === true);
      const text =
        open.length === ports.length
          ? "every port"
          : open.map(({ port, protocol }) => `${port}/${protocol}`).join(", ");
      return [`${from.padEnd(26)} -> ${to.padEnd(26)} ${text === "" ? "-" : text}`];
    }),
  );
  return `${lines.join("\n")}\n`;
}

function end(ends: ReadonlyMap<string, End>, name: string): End {
  const found = ends.get(name);
  if (found === undefined) throw new Error(`no end ${name}`);
  return found;
}
