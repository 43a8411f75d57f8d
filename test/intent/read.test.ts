import { expect, test } from "vitest";
import { readIntent } from "#src/intent/read.ts";

/** As people see it: `2:3 what is wrong`. */
function flawsOf(text: string): string[] {
  return (readIntent(text).flaws ?? []).map(({ line, column, text: says }) => `${line}:${column} ${says}`);
}

test("short forms are written out", () => {
  const { value } = readIntent(`
denyAll: true
allowIngressFromIngress: true
allowMonitoring: { ports: [metrics, 9090, 8000-8100/UDP] }
allowEgressToNamespaces: [data, { namespace: billing, pods: { app: api } }]
allowEgressToCIDRs: [10.0.5.0/24]
connections: [{ from: { app: web }, to: { pods: { app: api } } }, { from: { app: web }, to: { namespace: data, pods: { app: postgres } }, ports: [5432] }]
`);
  expect(value).toMatchObject({
    denyAll: { ingress: true, egress: true },
    allowIngressFromIngress: {},
    allowMonitoring: {
      ports: [
        { protocol: "TCP", port: "metrics" },
        { protocol: "TCP", port: 9090 },
        { protocol: "UDP", port: 8000, endPort: 8100 },
      ],
    },
    allowEgressToNamespaces: [{ namespace: "data" }, { namespace: "billing", pods: { app: "api" } }],
    allowEgressToCIDRs: [{ cidr: "10.0.5.0/24" }],
    connections: [
      { from: { pods: { app: "web" } }, to: { pods: { app: "api" } } },
      {
        from: { pods: { app: "web" } },
        to: { namespace: "data", pods: { app: "postgres" } },
        ports: [{ protocol: "TCP", port: 5432 }],
      },
    ],
  });
});

test("false is the same as nothing said", () => {
  const { value } = readIntent("{ allowMonitoring: false, egressProxy: false, allowKubeAPI: false }");
  expect(value?.allowMonitoring).toBeUndefined();
  expect(value).toEqual(readIntent("{}").value);
});

test("each fault with its line and column, and what is allowed instead", async () => {
  const faults = [
    "denyall: true",
    "denyAll: yes",
    "denyAll: { ingres: true }",
    "allowIngressFromCIDRs: [203.0.113.7/24, 300.0.0.0/8, 203.0.113.7, 010.0.0.0/8, '2001:DB8::/32', '2001:db8::1/32']",
    "connections: [{ from: { app: 1 }, to: { matchLabels: { app: web } } }, { from: web, to: [web] }]",
    "allowMonitoring: 9090",
    "allowEgressToCIDRs:\n  - { cidr: 10.0.5.0/24, ports: [http] }\n  - { cidr: 10.0.5.0/24, port: 80 }",
    "allowMonitoring: { ports: [0, 70000/TCP, 90-80, Metrics] }",
    "allowMonitoring: { ports: [], to: {} }",
    "allowEgressToNamespaces: [Data]",
    "connections:\n  - { from: { app: web } }\n  - { from: { namespace: a }, to: { namespace: b } }",
    "egressProxy: true\nallowEgressToCIDRs:\n  - 10.0.0.0/8\n  - 0.0.0.0/0\n  - 2001:db8::/32",
    "denyAll: false\nallowMonitoring: true\ntenant: example.com/customer",
    "denyAll: { ingress: true }\nallowEgressToNamespaces: [data]",
    "allowDNS: true\nallowDNS: false",
    "denyAll: &a true\nallowDNS: *a",
    "allowEgressToCIDRs:\n  - { cidr: 10.0.5.0/24, except: [10.0.5.128/25, 10.0.6.0/25, 10.0.5.0/24, 2001:db8::/32] }",
    "allowMonitoring: { ports: [web--admin], to: { app: web, __proto__: x } }",
    "- denyAll",
    "denyAll: [",
    "",
  ];
  const told = faults.map(
    (text) =>
      `${text}\n${flawsOf(text)
        .map((flaw) => `  => ${flaw}`)
        .join("\n")}\n`,
  );
  for (const text of faults) expect(flawsOf(text), text).not.toEqual([]);
  await expect(told.join("\n")).toMatchFileSnapshot("golden/faults.txt");
});

test("what people do not write is told in one flaw, or in a hundred, whatever there is of it", () => {
  expect(flawsOf(`denyAll: true${" ".repeat(16_384)}`)).toEqual([
    "1:1 the intent has 16397 characters; it may have 16384",
  ]);
  const many = (item: (index: number) => string): string =>
    Array.from({ length: 900 }, (_, i) => item(i)).join("");
  expect(flawsOf(many((index) => `key${index}: 1\n`))).toHaveLength(100);
  expect(flawsOf(`allowIngressFromCIDRs: [${"{ a: 1 },".repeat(200)}]`)).toHaveLength(100);
  expect(flawsOf(`{ ${many(() => "denyAll: true,")} }`)).toHaveLength(100);
  expect(flawsOf(`allowIngressFromCIDRs: [${many(() => "10.0.0.0/8,")}]`)).toEqual([
    "1:24 allowIngressFromCIDRs: has more than 256 items",
  ]);
});

test("nothing that a user writes throws", () => {
  const odd = [
    "null",
    "3",
    "{ tenant: __proto__ }",
    "&a [*a]",
    "{ connections: [null] }",
    "\u0000",
    "{ to: *x }",
    "%",
    "[".repeat(16_000),
    "- ".repeat(8_000),
  ];
  for (const text of odd) expect(flawsOf(text), text).not.toEqual([]);
  expect(flawsOf("{ connections: [{ from: { constructor: x }, to: { hasOwnProperty: y } }] }")).toEqual([]);
});

test("no list of an intent is endless", () => {
  const list = (item: (index: number) => string): string =>
    `[${Array.from({ length: 257 }, (_, index) => item(index)).join(", ")}]`;
  for (const text of [
    `allowMonitoring: { ports: ${list((index) => String(index + 1))} }`,
    `allowEgressToNamespaces: ${list((index) => `n${index}`)}`,
    `allowIngressFromNamespaces: ${list((index) => `n${index}`)}`,
    `allowIngressFromCIDRs: ${list((index) => `10.${index >> 8}.${index % 256}.0/24`)}`,
    `allowEgressToCIDRs: ${list((index) => `10.${index >> 8}.${index % 256}.0/24`)}`,
    `allowEgressToCIDRs: [{ cidr: 10.0.5.0/24, ports: ${list((index) => String(index + 1))} }]`,
    `allowEgressToCIDRs: [{ cidr: 10.0.0.0/8, except: ${list((index) => `10.${index >> 8}.${index % 256}.0/24`)} }]`,
  ]) {
    expect(flawsOf(text), text).toEqual([expect.stringContaining("has more than 256 items")]);
  }
});

test("aliases, by which a short text says much, are refused", () => {
  const bomb = `x: &a {a: b}\nconnections:\n${"- {from: *a, to: *a}\n".repeat(90)}`;
  expect(flawsOf(bomb)).toEqual(["3:10 aliases are not read here; write what it stands for once more"]);
});
