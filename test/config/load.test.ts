import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfiguration, parseConfiguration } from "../../src/config/load.ts";
import { RingfenceError } from "../../src/errors.ts";
import { someRules } from "./rules.ts";

const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";

/** The lines of the refusal. */
function faults(text: string | Uint8Array): readonly string[] {
  try {
    parseConfiguration(Buffer.from(text), "c.yaml", someRules);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    expect(error.code).toBe("RF_ERR_CONFIG");
    return error.message.split("\n");
  }
  return [];
}

const faultsIn = (body: string) => faults(head + body);

describe("the form of the file", () => {
  it("may be JSON, begin with --- or a byte order mark, and use anchors", () => {
    const json = JSON.stringify({
      apiVersion: "config.ringfence.dev/v1alpha1",
      kind: "RingfenceConfiguration",
    });
    expect(faults(json)).toEqual([]);
    expect(faults(`---\n${head}---\n`)).toEqual([]);
    expect(faults(`\uFEFF${head}`)).toEqual([]);
    expect(faultsIn("publicNamespaces: &a [x]\nexemptions: { namespaces: *a }\n")).toEqual([]);
  });
});

describe("what a faulty file is told", () => {
  it("hears all faults at once, in the order of the file, with the allowed values", () => {
    expect(
      faults(`apiVersion: config.ringfence.dev/v1
kind: RingfenceConfiguration
enforcement: onn
defaults:
  enforce: basline
  wran: baseline
exceptions:
  - rule: or-ed-selector
    namespace: Shop
    policies: "*"
    reason: ""
    until: 2026-02-30
curableHoldLimit: -1
limits: { peers: many }
rules:
  or-ed-selectors: { deny: never }
  wide-port: {}
`),
    ).toEqual([
      'c.yaml:1:13: apiVersion: "config.ringfence.dev/v1" is not known, did you mean config.ringfence.dev/v1alpha1?; allowed values: config.ringfence.dev/v1alpha1',
      'c.yaml:3:14: enforcement: "onn" is not known, did you mean on?; allowed values: on, warn, off, true, false',
      'c.yaml:5:12: defaults.enforce: "basline" is not known, did you mean baseline?; allowed values: privileged, baseline, restricted',
      "c.yaml:6:3: defaults.wran: is not known here, did you mean warn?; allowed keys: enforce, enforceVersion, warn, warnVersion, audit, auditVersion, patch, patchVersion",
      'c.yaml:8:11: exceptions[0].rule: "or-ed-selector" is not known, did you mean or-ed-selectors?; allowed values: missing-dns-egress, or-ed-selectors, wide-port-range',
      'c.yaml:9:16: exceptions[0].namespace: "Shop" must be a namespace\'s name: lower-case letters, digits and -, at most 63 characters',
      "c.yaml:11:13: exceptions[0].reason: must say why",
      'c.yaml:12:12: exceptions[0].until: "2026-02-30" must be a day of the calendar, written YYYY-MM-DD',
      "c.yaml:13:19: curableHoldLimit: -1 is too small; at least 0",
      'c.yaml:14:18: limits.peers: must be a number, not "many"',
      'c.yaml:16:28: rules.or-ed-selectors.deny: "never" is not known; allowed values: always, withEvidence',
      "c.yaml:17:3: rules.wide-port: is not known here, did you mean wide-port-range?; allowed keys: missing-dns-egress, or-ed-selectors, wide-port-range, mode-loosened",
    ]);
  });

  it.each([
    ["an unknown rule among the waivable", "waivable: [missing-dns]\n", "did you mean missing-dns-egress?"],
    [
      "a guard among the waivable",
      "waivable: [mode-loosened]\n",
      'c.yaml:3:12: waivable[0]: "mode-loosened" is a guard',
    ],
    ["operators who are nobody", "operators: { users: [] }\n", "c.yaml:3:12: operators: names nobody"],
    ["a key without a value", "floor:\n  enforce:\n", "c.yaml:4:11: floor.enforce: has no value"],
    [
      "a missing key",
      "exceptions: [{ rule: or-ed-selectors, policies: a, reason: b }]\n",
      "c.yaml:3:14: exceptions[0].namespace: is missing",
    ],
    ["a number for a name", "operators: { users: [17] }\n", "must be a string, not 17; put it in quotes"],
    ["a text for a list", "waivable: or-ed-selectors\n", 'waivable: must be a list, not "or-ed-selectors"'],
    ["too long a hold", "curableHold: 501ms\n", '"501ms" must be a duration from 0s to 500ms'],
    ["a hold that is no duration", "curableHold: 500\n", "curableHold: must be a string, not 500"],
    ["a label pattern", "protectedNamespaceLabels: [example.com/*]\n", "must be a label key"],
    [
      "an unknown version",
      "defaults: { warnVersion: v99 }\n",
      '"v99" must be a version; allowed values: latest, v1',
    ],
    [
      "a resolver twice defined",
      "dns: { resolvers: [{ namespace: a, addresses: [10.0.0.1] }] }\n",
      "c.yaml:3:20: dns.resolvers[0]: must have either",
    ],
    [
      "a resolver half defined",
      "dns: { resolvers: [{ namespace: a }] }\n",
      "must have either namespace and pods, or addresses",
    ],
    [
      "a resolver undefined",
      "dns: { resolvers: [{}] }\n",
      "must have either namespace and pods, or addresses",
    ],
    ["no resolver", "dns: { resolvers: [] }\n", "c.yaml:3:19: dns.resolvers: must name a resolver"],
    [
      "a cache before addresses",
      "dns: { resolvers: [{ addresses: [10.0.0.1], clusterIPs: [10.0.0.2] }] }\n",
      "put them under addresses",
    ],
    [
      "an address with leading zeros",
      "dns: { resolvers: [{ addresses: [010.0.0.1] }] }\n",
      "must be an IP address",
    ],
    [
      "a mapped address",
      'dns: { resolvers: [{ addresses: ["::ffff:10.0.0.1"] }] }\n',
      "must be an IP address",
    ],
    [
      "a port out of range",
      "dns: { resolvers: [{ addresses: [10.0.0.1], ports: [65536] }] }\n",
      "must be a port",
    ],
    [
      "a controller of no kind",
      "ingressControllers: [{ namespace: a, routes: [] }]\n",
      "ingressControllers[0].routes: must name a kind",
    ],
    [
      "a controller with classes of nothing",
      "ingressControllers: [{ namespace: a, routes: [HTTPRoute], ingressClasses: [b] }]\n",
      "ingressControllers[0]: names ingressClasses and serves no Ingress",
    ],
    ["a controller of nowhere", "ingressControllers: [{ pods: { a: b } }]\n", "namespace: is missing"],
    ["no address of the API server", "apiServer: { addresses: [] }\n", "must name an address"],
    ["a port that is none", "apiServer: { addresses: [10.0.0.1], ports: [0] }\n", "apiServer.ports[0]"],
    [
      "a key named like a member of every object",
      "constructor: 1\n",
      "c.yaml:3:1: constructor: is not known here",
    ],
    [
      "a key named __proto__",
      "__proto__: { enforcement: off }\n",
      "c.yaml:3:1: __proto__: is not known here",
    ],
    ["too large a number", "curableHoldLimit: 10001\n", "10001 is too large; at most 10000"],
    ["part of a number", "limits: { rules: 1.5 }\n", "limits.rules: must be a whole number, not 1.5"],
    [
      "too long a reason",
      `exceptions: [{ rule: or-ed-selectors, namespace: a, policies: b, reason: ${"x".repeat(501)} }]\n`,
      "must not be longer than 500",
    ],
    [
      "a label key of pods",
      'dns: { resolvers: [{ namespace: a, pods: { "-b": c } }] }\n',
      "pods.-b: must be a label key",
    ],
    ["a mapping for a word", "floor: { enforce: {} }\n", "floor.enforce: a mapping is not known"],
    ["a number for a key", "17: x\n", "c.yaml:3:1: 17: is not known here"],
  ])("names %s", (_, body, text) => {
    const lines = faultsIn(body);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(text);
  });

  it.each([
    ["", "c.yaml:1:1: the file is empty; it must hold a RingfenceConfiguration"],
    ["# nothing\n---\n", "c.yaml:1:1: the file is empty; it must hold a RingfenceConfiguration"],
    ["- a\n", "c.yaml:1:1: the file must be a mapping of keys to values, not a list"],
    [`${head}---\n${head}`, "c.yaml:4:1: a second document begins here; the file must hold one"],
    [`${head}enforcement: !local on\n`, "c.yaml:3:14: Unresolved tag: !local"],
    [`${head}waivable: *nothing\n`, "c.yaml:1:1: the file cannot be read as YAML: Unresolved alias"],
  ])("says of %j: %s", (text, line) => {
    expect(faults(text)[0]).toContain(line);
  });

  it("names broken YAML by its place", () => {
    const [line] = faultsIn("waivable: [a\nfloor: {}\n");
    expect(line).toMatch(/^c\.yaml:4:1: /);
    expect(faultsIn("\tfloor: 1\n")[0]).toMatch(/^c\.yaml:3:\d+: /);
  });

  it("names a duplicate key beside the other faults", () => {
    expect(faultsIn("enforcement: on\nenforcement: later\n")).toEqual([
      "c.yaml:4:1: this key stands twice in one mapping",
      'c.yaml:4:14: enforcement: "later" is not known; allowed values: on, warn, off, true, false',
    ]);
    expect(faultsIn("floor: { warn: baseline, warn: restricted }\n")).toEqual([
      "c.yaml:3:26: this key stands twice in one mapping",
    ]);
  });

  it("refuses aliases that multiply, and bytes that are no UTF-8", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"].map((pair) => pair.split(""))) {
      bomb.push(
        `${to ?? ""}: &${to ?? ""} [${Array.from({ length: 10 }, () => `*${from ?? ""}`).join(", ")}]`,
      );
    }
    expect(faultsIn(bomb.join("\n"))[0]).toContain("alias");
    expect(faults(new Uint8Array([0x61, 0xff]))).toEqual([
      "c.yaml:1:1: the file is not UTF-8; save it as UTF-8",
    ]);
  });
});

describe("loadConfiguration", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ringfence-config-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it("reads a file", () => {
    const path = join(directory, "c.yaml");
    writeFileSync(path, `${head}enforcement: off\n`);
    expect(loadConfiguration(path, someRules).enforcement).toBe("off");
  });

  it("says why it cannot", () => {
    expect(() => loadConfiguration(join(directory, "none.yaml"), someRules)).toThrow(
      /none\.yaml: the configuration cannot be read: there is no such file/,
    );
    expect(() => loadConfiguration(directory, someRules)).toThrow(/cannot be read: it is a folder/);
    const path = join(directory, "large.yaml");
    writeFileSync(path, "#".repeat(1024 * 1024 + 1));
    expect(() => loadConfiguration(path, someRules)).toThrow(/large\.yaml: is larger than 1 MiB/);
  });
});
