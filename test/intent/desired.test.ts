import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { desired } from "#src/intent/desired.ts";
import { connects, type End } from "#src/network/connection.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { policySet } from "#src/network/policy-set.ts";
import { specDigest } from "#src/intent/spec-digest.ts";
import { protocols, type Protocol } from "#src/network/ports.ts";
import { intents, read, readText, written } from "./arbitraries.ts";
import { mayComeIn, mayGoOut } from "./naive.ts";
import { rewritten } from "./rewriting.ts";
import {
  arounds,
  endsOf,
  endsUnder,
  further,
  ours,
  outside,
  surroundings,
  type Around,
  type NamespaceName,
} from "./world.ts";

const asked = [
  "8080/TCP",
  "9090/TCP",
  "53/UDP",
  "53/TCP",
  "5353/UDP",
  "5432/TCP",
  "3128/TCP",
  "6443/TCP",
  "443/TCP",
].map((text) => [text, portOf(text)] as const);

test.prop([intents, fc.constantFrom(...Object.keys(arounds))], { numRuns: 150 })(
  "what the intent says is reachable is, and nothing else is",
  (intent, name) => {
    const around = arounds[name] as Around;
    const { pieces } = desired(read(written(intent)), around.surroundings);
    const ends = endsUnder(pieces, { ...outside, ...further });
    const wrong: string[] = [];
    for (const own of ours) {
      const here = ends.get(own) as End;
      for (const [other, there] of ends) {
        for (const [text, port] of asked) {
          const out = connects(here, there, port).egress;
          if (out !== mayGoOut(intent, own, other, text, around)) wrong.push(`${own} to ${other} ${text}`);
          const into = connects(there, here, port).ingress;
          if (into !== mayComeIn(intent, other, own, text, around)) wrong.push(`${other} to ${own} ${text}`);
        }
      }
    }
    expect(wrong).toEqual([]);
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

test.prop([
  intents,
  fc.record({ keysTurned: fc.boolean(), short: fc.boolean(), nothingSaid: fc.boolean(), json: fc.boolean() }),
])(
  "an intent that is written otherwise and says the same comes to the very same policies",
  (intent, style) => {
    const text = rewritten(intent, style);
    const [one, other] = [read(written(intent)), readText(text)].map((each) => desired(each, surroundings));
    expect(other, text).toEqual(one);
    expect(other?.pieces.map(({ spec }) => specDigest(spec))).toEqual(
      one?.pieces.map(({ spec }) => specDigest(spec)),
    );
  },
);

test("an edge between namespaces is there when the intents of both say so, and not before", () => {
  const port = portOf("5432/TCP");
  const out = {
    connections: [
      { from: { app: "backend" }, to: { namespace: "data", pods: { app: "postgres" } }, ports: [5432] },
    ],
  };
  const back = {
    connections: [
      { from: { namespace: "shop", pods: { app: "backend" } }, to: { app: "postgres" }, ports: [5432] },
    ],
  };
  const allowed = (ours: object, theirs: object): boolean | undefined => {
    const ends = endsOf(
      policySet("shop", compiledIn("shop", ours)),
      outside,
      policySet("data", compiledIn("data", theirs)),
    );
    return connects(ends.get("shop/backend") as End, ends.get("data/postgres") as End, port).allowed;
  };
  expect(allowed(out, back)).toBe(true);
  expect(allowed(out, { denyAll: true })).toBe(false);
  expect(allowed({ denyAll: true }, back)).toBe(false);
  const named = { allowEgressToNamespaces: ["data"] };
  expect(allowed(named, { allowIngressFromNamespaces: ["shop"] })).toBe(true);
  expect(allowed(named, { allowIngressFromNamespaces: ["billing"] })).toBe(false);
});

/** The policies of an intent in this namespace, compiled. */
function compiledIn(name: NamespaceName, intent: object): CompiledPolicy[] {
  const { pieces } = desired(read(intent), surroundings);
  return pieces.map(({ purpose, spec }) =>
    compilePolicy({ metadata: { name: purpose, namespace: name }, spec }),
  );
}

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
    { key: "allowKubeAPI", why: "the addresses of the API server are not known (configuration: apiServer)" },
  ]);
});
