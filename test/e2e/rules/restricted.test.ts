// Rules about what one policy opens: whom it means by namespaces, ranges and ports. Namespaces of other tests come and go,
// so that their number stands in the golden texts as if it were always the same.
import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { base, policiesIn, restricted, rulesOf, run, type Seen } from "../scenarios/scenario.ts";
import { testNamespace, uniqueName } from "../support.ts";

interface Case {
  readonly rule: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The rules of one direction, as they are refused and as they are taken. */
  readonly faulty: string;
  readonly sound: string;
}

const dns = `{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }, podSelector: { matchLabels: { k8s-app: kube-dns } } }], ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }] }`;
const monitoring = "{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }";
const frontend = "from: [{ podSelector: { matchLabels: { app: frontend } } }]";
const noPrivate = "except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.169.254/32]";

const cases: readonly Case[] = [
  {
    rule: "inverted-deny",
    labels: base,
    faulty:
      "ingress: [{ from: [{ namespaceSelector: { matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [NAMESPACE] }] } }] }]",
    sound: "ingress: [{ from: [{ podSelector: {} }] }]",
  },
  {
    rule: "all-namespaces-ingress",
    faulty: "ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 9090 }] }]",
    sound: `ingress: [{ from: [${monitoring}], ports: [{ port: 9090 }] }]`,
  },
  {
    rule: "all-namespaces-egress",
    faulty: `egress: [${dns}, { to: [{ namespaceSelector: {} }], ports: [{ port: 9090 }] }]`,
    sound: `egress: [${dns}, { to: [{ namespaceSelector: {} }], ports: [{ protocol: UDP, port: 53 }] }]`,
  },
  {
    rule: "any-peer-on-ports",
    faulty: `egress: [${dns}, { ports: [{ port: 443 }] }]`,
    sound: `egress: [${dns}, { to: [{ ipBlock: { cidr: 203.0.113.0/24 } }], ports: [{ port: 443 }] }]`,
  },
  {
    rule: "dns-open-to-world",
    faulty: "egress: [{ ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }] }]",
    sound: `egress: [${dns}]`,
  },
  {
    rule: "any-ipblock-ingress",
    faulty: `ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0, ${noPrivate} } }], ports: [{ port: 443 }] }]`,
    sound: "ingress: [{ from: [{ ipBlock: { cidr: 203.0.113.0/24 } }], ports: [{ port: 443 }] }]",
  },
  {
    rule: "any-ipblock-egress",
    faulty: `egress: [${dns}, { to: [{ ipBlock: { cidr: 0.0.0.0/0, ${noPrivate} } }], ports: [{ port: 443 }] }]`,
    sound: `egress: [${dns}, { to: [{ ipBlock: { cidr: 203.0.113.0/24 } }], ports: [{ port: 443 }] }]`,
  },
  {
    rule: "wide-port-range",
    faulty: `ingress: [{ ${frontend}, ports: [{ port: 1024, endPort: 65535 }] }]`,
    sound: `ingress: [{ ${frontend}, ports: [{ port: 8080, endPort: 8090 }] }]`,
  },
  {
    rule: "protocol-only-port",
    faulty: `ingress: [{ ${frontend}, ports: [{ protocol: TCP }] }]`,
    sound: `ingress: [{ ${frontend}, ports: [{ protocol: TCP, port: 8080 }] }]`,
  },
];

function policyOf(rules: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [${rules.startsWith("ingress") ? "Ingress" : "Egress"}]
  ${rules}
`;
}

/** Holds what was seen against the golden text of the rule. */
async function expectRule(rule: string, seen: Seen, names: Readonly<Record<string, string>> = {}) {
  const text = transcript(seen).replaceAll(/now \d+ namespaces/g, "now 12 namespaces");
  await expectGolden(text, `rule-${rule}.txt`, { [seen.namespace]: "shop", ...names });
}

test.each(cases)("R91: $rule", async ({ rule, labels = restricted, faulty, sound }) => {
  const shop = await testNamespace(labels);
  const apply = (rules: string) =>
    run(shop, ["apply", "-f", "-"], { stdin: policyOf(rules.replaceAll("NAMESPACE", shop.name)) });
  const denied = await apply(faulty);
  expect([denied.code, rulesOf(denied)]).toEqual([1, [rule]]);
  expect(await policiesIn(shop)).toEqual([]);
  await expectRule(rule, denied);
  const applied = await apply(sound);
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
});

test("R91: spoofable-namespace-label names the one namespace that is meant", async () => {
  const shop = await testNamespace(restricted);
  const team = uniqueName("team");
  const store = await testNamespace({ team }, { prefix: "store" });
  const from = (labels: string) =>
    policyOf(`ingress: [{ from: [{ namespaceSelector: { matchLabels: ${labels} } }] }]`);
  let denied = await run(shop, ["apply", "-f", "-"], { stdin: from(`{ team: ${team} }`) });
  await until("the namespace to be seen", async () => {
    denied = await run(shop, ["apply", "-f", "-"], { stdin: from(`{ team: ${team} }`) });
    return denied.stderr.includes("(now 1 namespace)");
  });
  expect([denied.code, rulesOf(denied)]).toEqual([1, ["spoofable-namespace-label"]]);
  await expectRule("spoofable-namespace-label", denied, { [team]: "checkout", [store.name]: "store" });
  const written = `{ kubernetes.io/metadata.name: ${store.name} }`;
  const applied = await run(shop, ["apply", "-f", "-"], { stdin: from(written) });
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
});

const linkLocal = policyOf(
  `egress: [${dns}, { to: [{ ipBlock: { cidr: 169.254.0.0/16 } }], ports: [{ port: 80 }] }]`,
);

test("R91: metadata-endpoint-reachable", async () => {
  const shop = await testNamespace(restricted);
  const denied = await run(shop, ["apply", "-f", "-"], { stdin: linkLocal });
  expect([denied.code, rulesOf(denied)]).toEqual([1, ["metadata-endpoint-reachable"]]);
  await expectRule("metadata-endpoint-reachable", denied);
});

test("R91: where the namespace asks for patches the metadata address is excepted, and that is said", async () => {
  const shop = await testNamespace({ ...restricted, "ringfence.dev/patch": "restricted" });
  const applied = await run(shop, ["apply", "-f", "-"], { stdin: linkLocal });
  expect(applied.code, applied.stderr).toBe(0);
  await expectRule("metadata-endpoint-reachable.patched", applied);
  const path = "jsonpath={.spec.egress[1].to[0].ipBlock}";
  const { stdout } = await run(shop, ["get", "networkpolicy", "api", "-o", path]);
  expect(JSON.parse(stdout)).toEqual({ cidr: "169.254.0.0/16", except: ["169.254.169.254/32"] });
});

test("an update that opens nothing new is let in, and warns; one that opens more is denied", async () => {
  const shop = await testNamespace({ "ringfence.dev/enforce": "privileged" });
  const apply = (ports: string) =>
    run(shop, ["apply", "-f", "-"], { stdin: policyOf(`egress: [${dns}, { ports: [${ports}] }]`) });
  expect((await apply("{ port: 443 }, { port: 8443 }")).code).toBe(0);
  const enforce = ["label", "namespace", shop.name, "--overwrite", "ringfence.dev/enforce=restricted"];
  expect((await run(shop, enforce, { as: "admin" })).code).toBe(0);
  await until("restricted to be enforced", async () => {
    const more = ["apply", "--dry-run=server", "-f", "-"];
    const stdin = policyOf(`egress: [${dns}, { ports: [{ port: 22 }] }]`);
    return (await run(shop, more, { stdin })).code !== 0;
  });
  const less = await apply("{ port: 443 }");
  expect(less.code, less.stderr).toBe(0);
  expect(less.stderr).toContain("any-peer-on-ports at spec.egress[1]");
  const more = await apply("{ port: 443 }, { port: 22 }");
  expect([more.code, rulesOf(more)]).toEqual([1, ["any-peer-on-ports"]]);
});
