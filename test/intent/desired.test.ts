import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { stringify } from "yaml";
import { desired } from "#src/intent/desired.ts";
import { readIntent } from "#src/intent/read.ts";
import type { Intent } from "#src/intent/keys.ts";
import { connects, type End } from "#src/network/connection.ts";
import { protocols, type Protocol } from "#src/network/ports.ts";
import { mayComeIn, mayGoOut, type NaiveIntent } from "./naive.ts";
import { endsUnder, ours, surroundings, tenantKey } from "./world.ts";

const app = fc.constantFrom("frontend", "backend", "postgres");
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const pods = maybe(app.map((name) => ({ app: name })));
const ports = maybe(
  fc.uniqueArray(fc.constantFrom("8080/TCP", "metrics", "http/TCP", "53/UDP", "5432"), {
    minLength: 1,
    maxLength: 3,
  }),
);
const numbered = maybe(fc.constant(["5432/TCP", "53/UDP"]));
const namespaceName = fc.constantFrom("billing", "data", "monitoring");
const privateCidr = fc.constantFrom("10.0.5.0/24", "10.0.0.0/16");
const end = fc.oneof(
  app.map((name) => ({ pods: { app: name } })),
  fc.record({ namespace: namespaceName, pods }),
);

/** As the naive reading has it: long forms, nothing undefined. */
const intents: fc.Arbitrary<NaiveIntent> = fc
  .record({
    denyAll: maybe(fc.record({ ingress: fc.constant(true), egress: fc.constant(true) })),
    allowDNS: maybe(fc.boolean()),
    allowIntraNamespace: fc.boolean(),
    allowIngressFromIngress: maybe(fc.record({ to: pods, ports })),
    allowMonitoring: maybe(fc.record({ to: pods, ports })),
    allowEgressToNamespaces: fc.array(fc.record({ namespace: namespaceName, pods, from: pods, ports }), {
      maxLength: 3,
    }),
    allowIngressFromNamespaces: fc.array(fc.record({ namespace: namespaceName, pods, to: pods, ports }), {
      maxLength: 3,
    }),
    allowIngressFromCIDRs: fc.array(
      fc.record({ cidr: fc.constantFrom("203.0.113.0/24", "10.0.5.0/24"), to: pods, ports }),
      { maxLength: 2 },
    ),
    allowEgressToCIDRs: fc.array(fc.record({ cidr: privateCidr, from: pods, ports: numbered }), {
      maxLength: 2,
    }),
    allowKubeAPI: maybe(fc.record({ from: pods })),
    egressProxy: maybe(fc.record({ from: pods })),
    tenant: maybe(fc.constant(tenantKey)),
    connections: fc.array(
      fc
        .record({ from: end, to: end, ports })
        .filter(({ from, to }) => !("namespace" in from) || !("namespace" in to)),
      { maxLength: 3 },
    ),
  })
  // What is undefined is left out, as in YAML.
  .map((intent) => JSON.parse(JSON.stringify(intent)) as NaiveIntent);

const asked = ["8080/TCP", "9090/TCP", "53/UDP", "53/TCP", "5432/TCP", "3128/TCP", "6443/TCP"];

/** Ends in the namespace itself are written by their labels alone. */
function written({ connections = [], ...intent }: NaiveIntent): object {
  const short = (end: { namespace?: string; pods?: object }): object | undefined =>
    end.namespace === undefined ? end.pods : end;
  return {
    ...intent,
    connections: connections.map(({ from, to, ...edge }) => ({ ...edge, from: short(from), to: short(to) })),
  };
}

function read(intent: object): Intent {
  const { value, flaws } = readIntent(stringify(intent));
  if (flaws !== undefined) throw new Error(flaws.map(({ text }) => text).join("\n"));
  return value;
}

test.prop([intents], { numRuns: 400 })(
  "what the intent says is reachable is, and nothing else is",
  (intent) => {
    const ends = endsUnder(desired(read(written(intent)), surroundings).pieces);
    for (const own of ours) {
      for (const [other, there] of ends) {
        for (const text of asked) {
          const here = ends.get(own) as End;
          const port = portOf(text);
          const out = connects(here, there, port).egress;
          expect(out, `${own} to ${other} ${text}`).toBe(mayGoOut(intent, own, other, text));
          const into = connects(there, here, port).ingress;
          expect(into, `${other} to ${own} ${text}`).toBe(mayComeIn(intent, other, own, text));
        }
      }
    }
  },
);

test.prop([intents])("each policy has its own name, and the same intent gives the same", (intent) => {
  const { pieces } = desired(read(written(intent)), surroundings);
  const purposes = pieces.map(({ purpose }) => purpose);
  expect(new Set(purposes).size).toBe(purposes.length);
  for (const purpose of purposes)
    expect(`ringfence-${purpose}`).toMatch(/^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?$/);
  expect(desired(read(written(intent)), surroundings)).toEqual({ pieces, asked: pieces, unmet: [] });
});

function portOf(text: string): { protocol: Protocol; port: number } {
  const [number = "", name = ""] = text.split("/");
  const protocol = protocols.find((known) => known === name);
  if (protocol === undefined) throw new Error(`no port: ${text}`);
  return { protocol, port: Number(number) };
}

test("as long as nobody knows where DNS is, egress stays open, and it is said", () => {
  const intent = read({ denyAll: true, allowEgressToNamespaces: ["data"], allowMonitoring: true });
  const { pieces, unmet } = desired(intent, { ...surroundings, dns: undefined });
  expect(pieces.map(({ purpose, spec }) => [purpose, spec.policyTypes])).toEqual([
    ["default-deny", ["Ingress"]],
    ["allow-monitoring", ["Ingress"]],
  ]);
  expect(unmet.map(({ key }) => key)).toEqual(["allowDNS"]);
});

test("keys that configuration must fill come to nothing without it, and it is said", () => {
  const intent = read({
    allowIngressFromIngress: true,
    allowMonitoring: true,
    allowKubeAPI: true,
    egressProxy: true,
    tenant: "example.com/other",
  });
  const nothing = { peers: [], ports: [] };
  const bare = { ...surroundings, ingressControllers: [], prometheus: [], proxy: nothing, kubeAPI: nothing };
  const { pieces, unmet } = desired(intent, bare);
  expect(pieces.map(({ purpose }) => purpose)).toEqual(["allow-dns", "default-deny"]);
  expect(unmet).toEqual([
    { key: "tenant", why: "the namespace has no label example.com/other" },
    { key: "allowIngressFromIngress", why: "configuration names no ingress controller" },
    { key: "allowMonitoring", why: "configuration names no Prometheus" },
    { key: "egressProxy", why: "configuration names no proxy" },
    { key: "allowKubeAPI", why: "the addresses of the API server are not known" },
  ]);
});
