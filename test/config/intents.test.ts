// What the sections `intents`, `ceiling` and `companions` may hold, and what a faulty one is told.
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../src/config/load.ts";
import { RingfenceError } from "../../src/errors.ts";
import { readIntent } from "../../src/intent/read.ts";
import type { Settings } from "../../src/model/settings.ts";
import { someRules } from "./rules.ts";

const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";
const parse = (body: string): Settings => parseConfiguration(Buffer.from(head + body), "c.yaml", someRules);

function faultsIn(body: string): readonly string[] {
  try {
    parse(body);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    return error.message.split("\n");
  }
  return [];
}

describe("a ceiling", () => {
  it("bounds a direction that it names, by nothing where its list is empty, and no other", () => {
    expect(parse("").ceiling).toBeUndefined();
    const { ceiling } = parse("ceiling: { egress: [] }\n");
    expect(ceiling).toEqual({ ingress: undefined, egress: [] });
    const both = parse(
      "ceiling: { ingress: [{}], egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }\n",
    ).ceiling;
    expect([both?.ingress?.length, both?.ingress?.[0]?.peers, both?.egress?.length]).toEqual([1, "any", 1]);
  });

  it.each([
    [
      "an unknown key",
      "ceiling: { ingres: [] }",
      "c.yaml:3:12: ceiling.ingres: is not known here, did you mean ingress?; allowed keys: ingress, egress",
    ],
    [
      "peers of the other direction",
      "ceiling: { ingress: [{ to: [{ podSelector: {} }] }] }",
      "c.yaml:3:24: ceiling.ingress[0].to: is not known here; allowed keys: from, ports",
    ],
    [
      "a peer of both forms",
      "ceiling:\n  egress:\n    - to: [{ podSelector: {}, ipBlock: { cidr: 10.0.0.0/8 } }]",
      "c.yaml:5:12: ceiling.egress[0].to[0]: must have either podSelector or namespaceSelector, or both, or ipBlock",
    ],
    [
      "a peer that is nobody",
      "ceiling: { egress: [{ to: [{}] }] }",
      "c.yaml:3:28: ceiling.egress[0].to[0]: must have either podSelector or namespaceSelector, or both, or ipBlock",
    ],
    [
      "no peers",
      "ceiling: { egress: [{ to: [] }] }",
      "c.yaml:3:27: ceiling.egress[0].to: must name a peer; leave it out where all are meant",
    ],
    [
      "no ports",
      "ceiling: { egress: [{ ports: [] }] }",
      "c.yaml:3:30: ceiling.egress[0].ports: must name a port; leave it out where all are meant",
    ],
    [
      "a range with bits behind its prefix",
      "ceiling: { egress: [{ to: [{ ipBlock: { cidr: 10.0.0.1/8 } }] }] }",
      'c.yaml:3:47: ceiling.egress[0].to[0].ipBlock.cidr: "10.0.0.1/8" has bits behind the prefix; write 10.0.0.0/8, or 10.0.0.1/32 for that one address',
    ],
    [
      "a port beyond the last",
      "ceiling: { egress: [{ ports: [{ port: 65536 }] }] }",
      "c.yaml:3:39: ceiling.egress[0].ports[0].port: ",
    ],
    [
      "a range of ports that ends before it begins",
      "ceiling: { egress: [{ ports: [{ port: 90, endPort: 80 }] }] }",
      "c.yaml:3:31: ceiling.egress[0].ports[0]: has an endPort, which needs a port by number that is not above it",
    ],
    [
      "a range of a named port",
      "ceiling: { egress: [{ ports: [{ port: http, endPort: 80 }] }] }",
      "has an endPort, which needs a port by number",
    ],
    [
      "an unknown protocol",
      "ceiling: { egress: [{ ports: [{ protocol: tcp, port: 80 }] }] }",
      'c.yaml:3:43: ceiling.egress[0].ports[0].protocol: "tcp" is not known, did you mean TCP?; allowed values: TCP, UDP, SCTP',
    ],
    [
      "an operator without values",
      "ceiling: { ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: app, operator: In }] } }] }] }",
      "names no values, which In needs",
    ],
    [
      "values without an operator for them",
      "ceiling: { ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: app, operator: Exists, values: [a] }] } }] }] }",
      "names values for Exists",
    ],
  ])("with %s is refused", (_, body, text) => {
    const faults = faultsIn(`${body}\n`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(text);
  });
});

const longNames = Array.from({ length: 200 }, (_, index) => `${"n".repeat(50)}${index}`).join(", ");

describe("a default intent", () => {
  it("is kept with the text of the annotation that is made of it", () => {
    const { intents } = parse(
      "intents: { defaults: [{ namespaces: { matchLabels: { team: a } }, intent: { denyAll: true, allowMonitoring: { ports: [metrics] } } }] }\n",
    );
    const [first] = intents.defaults;
    expect(readIntent(first?.text ?? "").value).toEqual(first?.intent);
  });

  it.each([
    [
      "without namespaces",
      "intents: { defaults: [{ intent: { denyAll: true } }] }",
      "c.yaml:3:23: intents.defaults[0].namespaces: is missing",
    ],
    [
      "without an intent",
      "intents: { defaults: [{ namespaces: {} }] }",
      "c.yaml:3:23: intents.defaults[0].intent: is missing",
    ],
    [
      "with an unknown key",
      "intents:\n  defaults:\n    - namespaces: {}\n      intent: { denyall: true }",
      "c.yaml:6:17: intents.defaults[0].intent.denyall: is not known here, did you mean denyAll?",
    ],
    [
      "that contradicts itself",
      "intents:\n  defaults:\n    - namespaces: {}\n      intent: { denyAll: false, allowMonitoring: true }",
      "c.yaml:6:50: intents.defaults[0].intent.allowMonitoring: closes the rest of ingress, and denyAll says that ingress is open; change one of them",
    ],
    [
      "with a selector that none satisfies by its form",
      "intents: { defaults: [{ namespaces: { matchLabels: { -a: b } }, intent: {} }] }",
      "must be a label key",
    ],
    [
      "that is longer than an annotation may be",
      `intents:\n  defaults:\n    - namespaces: {}\n      intent: { allowEgressToNamespaces: [${longNames}], allowIngressFromNamespaces: [${longNames}] }`,
      "c.yaml:6:15: intents.defaults[0].intent: is longer than the annotation that is made of it may be: 16384 characters",
    ],
  ])("%s is refused", (_, body, text) => {
    const faults = faultsIn(`${body}\n`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(text);
  });
});

describe("whom intents mean, and what is kept", () => {
  it.each([
    [
      "a proxy of nobody",
      "intents: { egressProxy: { ports: [3128] } }",
      "c.yaml:3:25: intents.egressProxy: must name pods or ranges",
    ],
    [
      "a proxy without ports",
      "intents: { egressProxy: { ranges: [192.0.2.0/24] } }",
      "c.yaml:3:25: intents.egressProxy.ports: is missing",
    ],
    [
      "Prometheus of nowhere",
      "intents: { prometheus: [{ pods: { app: prometheus } }] }",
      "c.yaml:3:25: intents.prometheus[0].namespace: is missing",
    ],
    [
      "a word for yes",
      "intents: { required: yes }",
      'c.yaml:3:22: intents.required: must be true or false, not "yes"',
    ],
    [
      "another way to keep DNS open",
      "companions: { dns: ondemand }",
      'c.yaml:3:20: companions.dns: "ondemand" is not known, did you mean onDemand?; allowed values: intent, onDemand, never',
    ],
    [
      "a key of companions that is none",
      "companions: { DNS: intent }",
      "c.yaml:3:15: companions.DNS: is not known here, did you mean dns?; allowed keys: dns",
    ],
    [
      "DNS without a value",
      "companions:\n  dns:",
      "c.yaml:4:7: companions.dns: has no value; give it one, or remove the key",
    ],
  ])("%s is refused", (_, body, text) => {
    const faults = faultsIn(`${body}\n`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(text);
  });

  it("gives what it says", () => {
    const { intents, companions } = parse(
      "intents: { required: true, egressProxy: { ranges: [192.0.2.0/24], ports: [3128/TCP] } }\ncompanions: { dns: onDemand }\n",
    );
    expect([intents.required, intents.proxy.peers, companions.dns]).toEqual([
      true,
      [{ ipBlock: { cidr: "192.0.2.0/24" } }],
      "onDemand",
    ]);
    expect(parse("").companions.dns).toBe("intent");
  });
});
